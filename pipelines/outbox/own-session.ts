import type pg from 'pg'
import type { Database } from '#pipelines/kernel/database.ts'
import { CodedError } from '#pipelines/kernel/errors.ts'

const PID = 'select pg_backend_pid() as pid'

/**
 * Makes sure that a connection has a server process to itself. Behind a pooler in transaction mode (PgBouncer) the slots' locks would belong
 * to whichever process answered, several relays would hold the same ones, and keys would go out of order without a word.
 *
 * While the connection rests, a transaction runs on another: a pooler gives it the process that just became free. That is no proof (the
 * pooler may take another one), so `slotLocks` looks again each time whose its locks are. A connection without a pooler always passes.
 * @throws CodedError `RELAY_SESSION_SHARED`; Unavailable `DATABASE_AWAY`
 */
export async function assertOwnSession(client: Pick<pg.PoolClient, 'query'>, database: Database): Promise<void> {
  const pidOf = async () => (await client.query<{ pid: number }>(PID)).rows[0]?.pid
  const mine = await pidOf()
  await database.transaction(async (tx) => {
    const [other] = await tx.query<{ pid: number }>(PID)
    if (other?.pid === mine || (await pidOf()) !== mine) throw sessionIsShared()
  })
}

export function sessionIsShared(): CodedError {
  return new CodedError(
    'RELAY_SESSION_SHARED',
    'the relay sends nothing: its database connection shares its session with others, as behind a pooler in transaction mode. Give the service a direct connection or a pooler in session mode',
  )
}
