import { CodedError, Unavailable } from '#pipelines/kernel/errors.ts'
import type { OutgoingRecord, Send } from '../types.ts'

/** A broker that a test can make fail in the ways a real one does. Keeps what it took, in order. */
export interface FakeBroker {
  readonly send: Send
  readonly records: OutgoingRecord[]
  /** Sends begun. */
  readonly sends: () => number
  isAway: boolean
  /** Takes the records and then says it failed: the answer was lost. */
  losesAnswers: boolean
  /** Refuses a send that holds such a record. */
  refuses: (record: OutgoingRecord) => boolean
  /** Sends wait for this before they are answered. */
  until: Promise<void> | undefined
}

export function fakeBroker(): FakeBroker {
  let sends = 0
  const broker: FakeBroker = {
    records: [],
    sends: () => sends,
    isAway: false,
    losesAnswers: false,
    refuses: () => false,
    until: undefined,
    async send(records) {
      sends += 1
      if (broker.isAway) throw new Unavailable('BROKER_AWAY', 'it is away')
      if (records.some(broker.refuses)) throw new CodedError('PRODUCE_REFUSED', 'it refuses a record')
      broker.records.push(...records)
      await broker.until
      if (broker.losesAnswers) throw new Unavailable('BROKER_AWAY', 'the answer was lost')
    },
  }
  return broker
}
