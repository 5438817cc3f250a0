import type { ClickHouseClient } from '@clickhouse/client'
import { pause } from '#pipelines/kernel/lifecycle.ts'
import type { Databases } from '../../tables/migrate.ts'
import { cpuSeconds } from './process.ts'

/** Waits until so many rows are stored. */
export async function untilStored(db: ClickHouseClient, { store }: Databases, records: number, limitMs: number) {
  const until = Date.now() + limitMs
  for (;;) {
    const answer = await db.query({
      query: `SELECT sum(rows) AS rows FROM system.parts WHERE active AND database = '${store}' AND table = 'events'`,
      format: 'JSONEachRow',
      clickhouse_settings: { output_format_json_quote_64bit_integers: 0 },
    })
    const [row] = await answer.json<{ rows: number }>()
    if ((row?.rows ?? 0) >= records) return
    if (Date.now() > until) {
      const told = await db.query({ query: 'SELECT * FROM system.kafka_consumers', format: 'JSONEachRow' })
      throw new TypeError(`${row?.rows} of ${records} records after ${limitMs} ms: ${await told.text()}`)
    }
    // Seldom, as asking is work of the engine that is measured.
    await pause(1_000)
  }
}

/** Waits until no merge runs and the process has been idle for a second: what was put off is counted too. */
export async function untilSettled(db: ClickHouseClient, pid: number): Promise<void> {
  for (let calm = 0; calm < 3; ) {
    const before = cpuSeconds(pid)
    await pause(500)
    const answer = await db.query({ query: 'SELECT count() AS merges FROM system.merges', format: 'JSONEachRow' })
    const [row] = await answer.json<{ merges: string }>()
    calm = Number(row?.merges) === 0 && cpuSeconds(pid) - before < 0.08 ? calm + 1 : 0
  }
}

/** Bytes on disk of events and orders, active parts. */
export async function storedBytes(db: ClickHouseClient, { store }: Databases): Promise<number> {
  const answer = await db.query({
    query: `SELECT sum(bytes_on_disk) AS bytes FROM system.parts WHERE active AND database = '${store}' AND table IN ('events', 'orders')`,
    format: 'JSONEachRow',
    clickhouse_settings: { output_format_json_quote_64bit_integers: 0 },
  })
  const [row] = await answer.json<{ bytes: number }>()
  return row?.bytes ?? 0
}
