import type { IncomingRecord } from '../binders/types.ts'

/** A record on its way through a consumer. */
export interface Entry {
  readonly record: IncomingRecord
  finished: boolean
}

/**
 * The records of one assigned partition, in offset order: finished ones leave at the front only, so the position to commit never passes an unfinished
 * record. Begun ones are within a window of `maxUnfinished` from the front; the others wait.
 */
export class PartitionQueue {
  readonly topic: string
  readonly partition: number
  /** The end of the partition as last heard of. */
  endOffset = 0
  /** What was last committed to the broker in this assignment. */
  committed: string | undefined
  private readonly maxUnfinished: number
  private entries: Entry[] = []
  private front = 0
  private begun = 0
  private next: string | undefined

  constructor(topic: string, partition: number, maxUnfinished: number) {
    this.topic = topic
    this.partition = partition
    this.maxUnfinished = maxUnfinished
  }

  add(records: readonly IncomingRecord[]): void {
    for (const record of records) this.entries.push({ record, finished: false })
  }

  /** The next entries that may be begun. */
  begin(): readonly Entry[] {
    const until = Math.min(this.entries.length, this.front + this.maxUnfinished)
    const some = this.entries.slice(this.begun, until)
    this.begun = Math.max(this.begun, until)
    return some
  }

  finish(entry: Entry): void {
    entry.finished = true
    while (this.entries[this.front]?.finished) {
      this.next = String(BigInt((this.entries[this.front] as Entry).record.offset) + 1n)
      this.front += 1
    }
    if (this.front >= 512 || this.front === this.entries.length) {
      this.entries.splice(0, this.front)
      this.begun -= this.front
      this.front = 0
    }
  }

  /** The offset up to which everything is finished; undefined before the first. */
  get position(): string | undefined {
    return this.next
  }

  get oldest(): Entry | undefined {
    return this.entries[this.front]
  }

  /** Begun or waiting. */
  get unfinished(): number {
    return this.entries.length - this.front
  }

  get isFull(): boolean {
    return this.unfinished >= this.maxUnfinished
  }

  /** Records behind the end, as far as known. */
  get lag(): number {
    const at = this.oldest?.record.offset ?? this.next
    return at === undefined ? 0 : Math.max(0, this.endOffset - Number(at))
  }
}
