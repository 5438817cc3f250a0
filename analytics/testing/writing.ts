import type { ClickHouseClient } from '@clickhouse/client'
import { silentLog } from '#pipelines/kernel/log.ts'
import type { SchemaLookup } from '#schemas/codec/registry.ts'
import { Batch } from '../ingest/batch.ts'
import { runOfRecords } from '../ingest/run-of-records.ts'
import type { LogRecord } from '../ingest/source.ts'
import { createTaking } from '../ingest/taking.ts'
import { createWriter } from '../ingest/writer.ts'
import type { Databases } from '../tables/migrate.ts'

/** Writes records as the ingest does, without Kafka: each call is a flush. */
export function testWriting(db: ClickHouseClient, databases: Databases, registry: Pick<SchemaLookup, 'schemaOf'>) {
  const unknown: { type: string; field: string; records: number }[] = []
  const taking = createTaking({
    registry,
    now: Date.now,
    log: silentLog,
    unknown: (type, field, records) => unknown.push({ type, field, records }),
  })
  const writer = createWriter(db, databases)
  const batch = new Batch()
  let offset = 0
  return {
    unknown,
    /** Values of records of one topic, from the next offset on. */
    async write(topic: string, values: readonly (Buffer | null)[]): Promise<void> {
      const records = values.map(
        (value): LogRecord => ({ offset: offset++, timestamp: 1_800_000_000_000, key: null, value, headers: {} }),
      )
      const run = runOfRecords(records)
      for (let i = 0; i < run.count; ) {
        i = taking.fill(batch, { topic, partition: 0 }, run, i)
        if (i < run.count)
          await taking.prepare(
            run,
            i,
            () => false,
            async () => {},
          )
      }
    },
    /** Sends what was written. */
    async flush(): Promise<void> {
      await writer.write(batch.seal(), new AbortController().signal)
      batch.clear()
    },
  }
}
