import type { IncomingRecord, Subscriber, TopicPartition } from '../binders/types.ts'

/** A subscriber that keeps what it is told. */
export interface Recorder {
  readonly subscriber: Subscriber
  readonly records: IncomingRecord[]
  /** Each assignment, in order. */
  readonly assignments: (readonly TopicPartition[])[]
  /** Assignments and revocations in order, for tests of their sequence. */
  readonly calls: string[]
  readonly texts: () => string[]
}

export function recorder(onRecord: (record: IncomingRecord) => void = () => {}): Recorder {
  const records: IncomingRecord[] = []
  const assignments: (readonly TopicPartition[])[] = []
  const calls: string[] = []
  return {
    records,
    assignments,
    calls,
    texts: () => records.map(({ value }) => String(value)),
    subscriber: {
      onAssigned(partitions) {
        assignments.push(partitions)
        calls.push('assigned')
      },
      onRevoked: () => void calls.push('revoked'),
      onRecords(batch) {
        calls.push('records')
        for (const record of batch.records) {
          records.push(record)
          onRecord(record)
        }
      },
    },
  }
}
