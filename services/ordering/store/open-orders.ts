import type { Sql } from '#pipelines/kernel/database.ts'

export const OPEN_STATUSES = ['Submitted', 'AwaitingValidation', 'StockConfirmed'] as const

export interface OpenOrders {
  readonly status: (typeof OPEN_STATUSES)[number]
  readonly orders: number
  /** Since the one that waits longest came into this status. */
  readonly oldestSeconds: number
}

/** The orders that wait for somebody, by what they wait in. Statuses without any are left out. */
export async function openOrders(sql: Sql): Promise<readonly OpenOrders[]> {
  return sql.query<OpenOrders & Record<string, unknown>>(
    `select status, count(*) as orders, extract(epoch from clock_timestamp() - min(status_changed_at))::float8 as "oldestSeconds"
     from orders where status in ('Submitted', 'AwaitingValidation', 'StockConfirmed') group by status`,
  )
}
