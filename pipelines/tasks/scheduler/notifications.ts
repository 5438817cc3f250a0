import pg from 'pg'
import { backoffMs, type Closable, pause } from '#pipelines/kernel/lifecycle.ts'
import type { Log } from '#pipelines/kernel/log.ts'

/** What is said on the channel `tasks`. It only hurries: whoever misses one finds out by looking. */
export type Notice = 'queued' | 'changed' | 'cancel' | 'schedule'

/**
 * Listens to the tasks database. After each (re)connection it says everything once, as what was said meanwhile is not heard any more.
 */
export function listenToTasks(url: string, log: Log, hear: (notice: Notice) => void): Closable {
  const stop = new AbortController()
  let client: pg.Client | undefined

  async function listen(): Promise<void> {
    const connection = new pg.Client({ connectionString: url, application_name: 'tasks-listener', keepAlive: true })
    client = connection
    const ended = new Promise<void>((resolve) => {
      connection.on('error', () => resolve())
      connection.on('end', () => resolve())
    })
    connection.on('notification', ({ payload }) => hear(payload as Notice))
    try {
      await connection.connect()
      await connection.query('listen tasks')
      for (const notice of ['schedule', 'queued', 'changed', 'cancel'] as const) hear(notice)
      await ended
    } finally {
      await connection.end().catch(() => {})
    }
  }

  async function run(): Promise<void> {
    for (let failures = 0; !stop.signal.aborted; ) {
      const began = performance.now()
      await listen().catch((error) => log.debug({ err: error }, 'not listening to the tasks database'))
      failures = performance.now() - began > 10_000 ? 0 : failures + 1
      if (!stop.signal.aborted) await pause(backoffMs(failures + 1, { capMs: 3_000 }), stop.signal)
    }
  }
  const running = run()
  return {
    async close() {
      stop.abort()
      await client?.end().catch(() => {})
      await running
    },
  }
}
