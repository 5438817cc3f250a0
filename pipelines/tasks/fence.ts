import type { Tx } from '#pipelines/kernel/database.ts'
import { leaseLost } from './run/heartbeat.ts'
import type { Lease } from './task.ts'

/** The table of {@link fence}, for the database that a task writes to. */
export const fenceMigrations: string = `${import.meta.dirname}/fence-migrations`

/**
 * Lets a transaction of a task's own database write only while no later run of the task has: the store remembers the greatest token it
 * was shown, and an older run, however late its write arrives, is refused (M. Kleppmann, "How to do distributed locking", 2016). Call
 * it first in the transaction; it holds the row to its end.
 * @throws CodedError `LEASE_LOST`
 */
export async function fence(tx: Tx, taskName: string, lease: Lease): Promise<void> {
  lease.check()
  const rows = await tx.query(
    `insert into task_fence_marks (task_name, token) values ($1, $2)
     on conflict (task_name) do update set token = excluded.token where task_fence_marks.token <= excluded.token returning 1`,
    [taskName, lease.token],
  )
  if (rows.length === 0) throw leaseLost()
}
