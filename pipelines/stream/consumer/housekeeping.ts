import { pruneInbox } from '#pipelines/inbox/inbox.ts'
import type { Database } from '#pipelines/kernel/database.ts'
import { type Closable, pause } from '#pipelines/kernel/lifecycle.ts'
import type { Log } from '#pipelines/kernel/log.ts'

export interface HousekeepingOptions {
  readonly database: Database
  readonly consumer: string
  readonly keepInboxMs: number
  readonly log: Log
}

const EVERY_MS = 60_000

/** Keeps the inbox from growing for ever. */
export function createHousekeeping({
  database,
  consumer,
  keepInboxMs,
  log,
}: HousekeepingOptions): Closable & { start(): void } {
  const closing = new AbortController()
  let running: Promise<void> | undefined

  async function run() {
    while (!closing.signal.aborted) {
      await pause(EVERY_MS, closing.signal)
      try {
        while (!closing.signal.aborted && (await pruneInbox(database, consumer, keepInboxMs)));
      } catch (error) {
        log.debug({ err: error }, 'the inbox could not be pruned')
      }
    }
  }

  return {
    start() {
      running ??= run()
    },
    async close() {
      closing.abort()
      await running
    },
  }
}
