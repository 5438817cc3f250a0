import type { Check } from '#pipelines/local/checks/machine.ts'

/** An order as ordering's list of stuck ones shows it. */
export interface StuckOrder {
  readonly orderId: string
  readonly status: string
  readonly waitsFor: string
  readonly why: string
  readonly waitingSeconds: number
  readonly redrives: number
}

const FIX: Readonly<Record<string, (order: StuckOrder) => string>> = {
  GRACE_TASK_SILENT: () =>
    'is the grace-period task running? `eshop task schedule list`, `eshop task executions --task grace-period`',
  NOT_READ: ({ waitsFor }) => `is ${waitsFor} up, and how far behind? \`eshop status\`, its lag below, ${waitsFor}.log`,
  NO_ANSWER: ({ waitsFor }) =>
    `\`eshop dlq list --service ${waitsFor === 'grace-period' ? 'ordering' : waitsFor}\`: it read the question and did not answer; asked again by itself`,
  ANSWER_NOT_READ: () => 'ordering is behind with what it is told: its lag below, ordering.log',
}

/** One check for each kind of standstill, with its oldest order; one that is ok when nothing stands still. */
export function stuckChecks(orders: readonly StuckOrder[]): Check[] {
  if (orders.length === 0) return [{ name: 'Orders', ok: true, detail: 'none is stuck' }]
  const kinds = Map.groupBy(orders, ({ status, why }) => `${status} ${why}`)
  return [...kinds.values()].map((alike) => {
    const oldest = alike.reduce((a, b) => (b.waitingSeconds > a.waitingSeconds ? b : a))
    const { status, waitsFor, why, orderId, waitingSeconds, redrives } = oldest
    const many = alike.length >= 100 ? '100 or more' : String(alike.length)
    return {
      name: `Orders ${status}`,
      ok: false,
      detail: `${many} wait for ${waitsFor} (${why}), the oldest (${orderId}) for ${waitingSeconds} s, asked again ${redrives} times`,
      fix: FIX[why]?.(oldest) ?? 'see GET /v1/orders/stuck',
    }
  })
}
