import { Unavailable } from '#pipelines/kernel/errors.ts'
import { failpoints } from '#pipelines/kernel/failpoint.ts'
import { backoffMs } from '#pipelines/kernel/lifecycle.ts'
import { recordHeaders } from './headers.ts'
import type { UnsentRow } from './relay-connection.ts'
import type { OutgoingRecord, Send } from './types.ts'
import { wavesOf } from './waves.ts'

export interface SendingOptions {
  readonly send: Send
  /** Milliseconds of a clock that only goes forward. */
  readonly now: () => number
  readonly onFailure: (error: unknown, slots: readonly number[]) => void
}

/** Sends what was read, and remembers which slots have to wait. */
export interface Sending {
  /** Those of the slots that may be tried now. */
  open(slots: readonly number[]): readonly number[]
  /** Milliseconds until the next waiting slot may be tried; undefined if none waits. */
  nextTryInMs(): number | undefined
  /**
   * Sends rows (ascending by id within a slot) in waves while `mayGoOn`. Returns the ids that the broker has acknowledged. After a failed send
   * nothing later of that slot goes out.
   */
  sendAll(rows: readonly UnsentRow[], mayGoOn: () => boolean): Promise<number[]>
}

export function createSending({ send, now, onFailure }: SendingOptions): Sending {
  const waiting = new Map<number, { readonly failures: number; readonly until: number }>()

  function holdBack(slots: readonly number[], error: unknown) {
    for (const slot of slots) {
      const failures = (waiting.get(slot)?.failures ?? 0) + 1
      waiting.set(slot, { failures, until: now() + backoffMs(failures, { baseMs: 100, capMs: 2_000 }) })
    }
    onFailure(error, slots)
  }

  /** True if the rows are with the broker; else their slots wait. */
  async function sendTogether(rows: readonly UnsentRow[]): Promise<readonly UnsentRow[]> {
    try {
      if (failpoints) await failpoints.at('relay.produce.before')
      await send(rows.map(recordOf))
      if (failpoints) await failpoints.at('relay.produce.after')
      for (const { slot } of rows) waiting.delete(slot)
      return rows
    } catch (error) {
      const slots = [...new Set(rows.map(({ slot }) => slot))]
      if (slots.length === 1 || error instanceof Unavailable) {
        holdBack(slots, error)
        return []
      }
      // The broker refuses some record: one slot at a time, so that only that record's slot waits.
      const sent: UnsentRow[] = []
      for (const slot of slots) sent.push(...(await sendTogether(rows.filter((row) => row.slot === slot))))
      return sent
    }
  }

  return {
    open: (slots) => slots.filter((slot) => (waiting.get(slot)?.until ?? 0) <= now()),

    nextTryInMs() {
      if (waiting.size === 0) return undefined
      return Math.max(0, Math.min(...[...waiting.values()].map(({ until }) => until)) - now())
    },

    async sendAll(rows, mayGoOn) {
      const sent: number[] = []
      const failed = new Set<number>()
      for (const wave of wavesOf(rows)) {
        const ready = wave.filter(({ slot }) => !failed.has(slot))
        if (ready.length === 0) continue
        if (!mayGoOn()) break
        const acknowledged = await sendTogether(ready)
        const ids = new Set(acknowledged.map(({ id }) => id))
        for (const row of ready) {
          if (ids.has(row.id)) sent.push(row.id)
          else failed.add(row.slot)
        }
      }
      return sent
    },
  }
}

function recordOf({ topic, key, payload, eventId, eventType, headers }: UnsentRow): OutgoingRecord {
  return { topic, key, value: payload, headers: recordHeaders(eventId, eventType, headers) }
}
