import type { Database } from '#pipelines/kernel/database.ts'
import { type Closable, pause } from '#pipelines/kernel/lifecycle.ts'

/** Sets the locks of tasks apart from other advisory locks of the database. */
const LOCK_CLASS = 7_106
const TRY_EVERY_MS = 300

/**
 * Takes the lock that only one run of a task has, for as long as its own connection lives; nothing if another run has it, or still has
 * it when `waits` aborts. A killed process loses the connection and so the lock at once. `onLost` is told if the connection breaks:
 * another run may have it then.
 */
export async function lockTask(
  database: Database,
  taskName: string,
  onLost: () => void,
  waits?: AbortSignal,
): Promise<Closable | undefined> {
  const client = await database.pool.connect()
  let lost = false
  const note = () => {
    lost = true
    onLost()
  }
  client.on('error', note)
  try {
    do {
      const { rows } = await client.query<{ held: boolean }>('select pg_try_advisory_lock($1, hashtext($2)) as held', [
        LOCK_CLASS,
        taskName,
      ])
      if (rows[0]?.held) return { close: async () => release() }
      if (waits) await pause(TRY_EVERY_MS, waits)
    } while (waits && !waits.aborted)
  } catch (error) {
    release()
    throw error
  }
  release()
  return undefined

  /** The connection is closed, not given back: a lock that stayed with a pooled connection would shut out every later run. */
  function release() {
    if (!lost) client.off('error', note)
    client.release(true)
  }
}
