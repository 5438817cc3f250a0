import { sessionIsShared } from './own-session.ts'
import type { RelayConnection } from './relay-connection.ts'
import { SLOTS } from './slots.ts'

/** The two-part key space of our advisory locks: (RELAY, slot) is held by who sends a slot, (RELAY, PRESENT) shared by every relay. */
const RELAY = 7_261_002
const PRESENT = 1_000

const SEE = `
  select objid::int as object, pid = pg_backend_pid() as mine
  from pg_locks
  where locktype = 'advisory' and granted and classid = ${RELAY} and objsubid = 2
    and database = (select oid from pg_database where datname = current_database())`

/** The slots that one relay connection holds. */
export interface SlotLocks {
  held(): readonly number[]
  /**
   * Looks who is there and moves towards a fair share: gives back what is over it, takes what is free below it. Call it only while
   * nothing that was read is unsent, as another may send a slot from the moment it is given back.
   * @throws CodedError `RELAY_SESSION_SHARED` if the locks are not on this connection after all
   */
  balance(): Promise<void>
}

export async function slotLocks(connection: RelayConnection): Promise<SlotLocks> {
  await connection.query('relay-present', `select pg_advisory_lock_shared(${RELAY}, ${PRESENT})`)
  const held = new Set<number>()

  return {
    held: () => [...held].sort((a, b) => a - b),

    async balance() {
      const locks = await connection.query<{ object: number; mine: boolean }>('relay-see', SEE)
      const mine = new Set(locks.filter((lock) => lock.mine).map(({ object }) => object))
      if (![PRESENT, ...held].every((object) => mine.has(object))) throw sessionIsShared()
      const relays = locks.filter(({ object }) => object === PRESENT).length
      const share = Math.ceil(SLOTS / Math.max(relays, 1))
      for (const slot of [...held].slice(share)) {
        await connection.query('relay-give', `select pg_advisory_unlock(${RELAY}, $1::int)`, [slot])
        held.delete(slot)
      }
      const taken = new Set(locks.map(({ object }) => object))
      for (let slot = 0; slot < SLOTS && held.size < share; slot++) {
        if (taken.has(slot)) continue
        const [answer] = await connection.query<{ got: boolean }>(
          'relay-take',
          `select pg_try_advisory_lock(${RELAY}, $1::int) as got`,
          [slot],
        )
        if (answer?.got) held.add(slot)
      }
    },
  }
}
