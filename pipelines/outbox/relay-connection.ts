import type pg from 'pg'
import type { Database } from '#pipelines/kernel/database.ts'
import { CodedError, Unavailable } from '#pipelines/kernel/errors.ts'
import type { StoredHeaders } from './headers.ts'
import { assertOwnSession } from './own-session.ts'
import type { OutboxRow } from './waves.ts'

export interface UnsentRow extends OutboxRow {
  readonly eventId: string
  readonly eventType: string
  readonly payload: Buffer
  readonly headers: StoredHeaders
}

/**
 * The one connection on which a relay holds its slots, reads and marks. The locks live and die with it: once it is lost, another
 * instance may hold the slots, and nothing more may be sent from what was read here.
 */
export interface RelayConnection {
  /** Turns true as soon as the loss is noticed. */
  readonly lost: boolean
  query<R extends pg.QueryResultRow>(name: string, text: string, values?: readonly unknown[]): Promise<R[]>
  /** Ends the connection, and with it the locks. */
  end(): void
}

/** @throws Unavailable `DATABASE_AWAY`; CodedError `RELAY_SESSION_SHARED` */
export async function openRelayConnection(database: Database): Promise<RelayConnection> {
  const client = await database.pool.connect().catch((cause) => {
    throw new Unavailable('DATABASE_AWAY', 'the relay cannot reach its database', { cause })
  })
  let lost = false
  const onLost = () => {
    lost = true
  }
  client.on('error', onLost)
  client.on('end', onLost)
  const end = () => {
    onLost()
    client.off('end', onLost)
    client.release(true)
    client.off('error', onLost)
  }
  try {
    // Losing a mark in a crash of the server only sends its events again. A dead host is noticed within seconds, so that another can take over.
    await client.query(
      'set synchronous_commit = off; set tcp_keepalives_idle = 5; set tcp_keepalives_interval = 2; set tcp_keepalives_count = 3',
    )
    await assertOwnSession(client, database)
  } catch (cause) {
    end()
    if (cause instanceof CodedError) throw cause
    throw new Unavailable('DATABASE_AWAY', 'the relay lost its database while connecting', { cause })
  }
  return {
    get lost() {
      return lost
    },
    async query<R extends pg.QueryResultRow>(name: string, text: string, values: readonly unknown[] = []) {
      try {
        return (await client.query<R>({ name, text, values: values as unknown[] })).rows
      } catch (cause) {
        lost = true // whatever it was, a fresh connection starts from a known state
        throw new Unavailable('DATABASE_AWAY', 'the relay lost its database', { cause })
      }
    },
    end,
  }
}
