import type { ClickHouseClient } from '@clickhouse/client'
import type { AlertState, Telling } from './decide.ts'

/** An alert as it is stored: where it stands, and what has still to be told. */
export interface StoredAlert {
  readonly state: AlertState
  readonly value: number | undefined
  readonly untold: Telling | undefined
}

export interface AlertStates {
  read(): Promise<ReadonlyMap<string, StoredAlert>>
  save(name: string, alert: StoredAlert): Promise<void>
}

/** In ClickHouse, beside what alerts are about. */
export function alertStates(db: ClickHouseClient, store: string): AlertStates {
  return {
    async read() {
      const answer = await db.query({
        query: `SELECT name, state FROM ${store}.alert_states FINAL`,
        format: 'JSONEachRow',
      })
      const rows = await answer.json<{ name: string; state: string }>()
      return new Map(rows.map(({ name, state }) => [name, JSON.parse(state) as StoredAlert]))
    },
    async save(name, alert) {
      await db.insert({
        table: `${store}.alert_states`,
        values: [{ name, state: JSON.stringify(alert) }],
        format: 'JSONEachRow',
      })
    },
  }
}
