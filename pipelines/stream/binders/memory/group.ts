import type { Position, Subscriber, TopicPartition } from '../types.ts'
import { type MemoryTopic, placeOf } from './broker.ts'

const RECORDS_PER_BATCH = 50

export interface MemoryMember {
  readonly topics: readonly string[]
  readonly subscriber: Subscriber
  assigned: Map<string, TopicPartition & { next: number; paused: boolean }>
}

/** The members of a consumer group and what they committed. */
export interface MemoryGroup {
  readonly committed: ReadonlyMap<string, string>
  join(member: MemoryMember): void
  leave(member: MemoryMember): void
  commit(member: MemoryMember, positions: readonly Position[]): void
  rebalance(): void
  /** The broker is gone: everybody gives up everything until the next {@link rebalance}. */
  disband(): void
  crash(): void
  wake(): void
}

/** Eager, as kafkajs: at a rebalance everybody gives up everything, and gets it anew from the committed positions. */
export function createGroup(topics: ReadonlyMap<string, MemoryTopic>, isThere: () => boolean): MemoryGroup {
  const members = new Set<MemoryMember>()
  const committed = new Map<string, string>()
  let delivering = false
  let rebalancing = false

  function rebalance() {
    if (rebalancing) return
    rebalancing = true
    disband()
    // Only later, as with a broker: members go on meanwhile with what they had begun.
    setImmediate(() => {
      rebalancing = false
      if (!isThere()) return
      shareOut()
      wake()
    })
  }

  function disband() {
    for (const member of members) {
      if (member.assigned.size > 0) member.subscriber.onRevoked()
      member.assigned = new Map()
    }
  }

  function shareOut() {
    const sharers = [...members]
    const subscribed = new Set(sharers.flatMap((member) => member.topics))
    let turn = 0
    for (const topic of subscribed) {
      const readers = sharers.filter((member) => member.topics.includes(topic))
      for (const partition of topics.get(topic)?.partitions.keys() ?? []) {
        const reader = readers[turn++ % readers.length] as MemoryMember
        const place = placeOf({ topic, partition })
        reader.assigned.set(place, { topic, partition, next: Number(committed.get(place) ?? 0), paused: false })
      }
    }
    for (const member of sharers) {
      member.subscriber.onAssigned([...member.assigned.values()].map(({ topic, partition }) => ({ topic, partition })))
    }
  }

  function wake() {
    if (delivering) return
    delivering = true
    setImmediate(() => {
      delivering = false
      if (isThere() && !rebalancing && deliverOnce()) wake()
    })
  }

  /** A batch of each partition that has one. Returns whether there was any. */
  function deliverOnce(): boolean {
    let any = false
    for (const member of [...members]) {
      for (const state of member.assigned.values()) {
        const log = topics.get(state.topic)?.partitions[state.partition] ?? []
        if (state.paused || state.next >= log.length) continue
        const records = log.slice(state.next, state.next + RECORDS_PER_BATCH)
        state.next += records.length
        any = true
        const { topic, partition } = state
        member.subscriber.onRecords({ topic, partition, records, endOffset: String(log.length) })
      }
    }
    return any
  }

  return {
    committed,
    rebalance,
    disband,
    wake,
    join(member) {
      members.add(member)
      rebalance()
    },
    leave(member) {
      if (!members.delete(member)) return
      if (member.assigned.size > 0) member.subscriber.onRevoked()
      member.assigned = new Map()
      rebalance()
    },
    commit(member, positions) {
      if (!members.has(member)) return
      for (const position of positions) {
        if (member.assigned.has(placeOf(position))) committed.set(placeOf(position), position.offset)
      }
    },
    crash() {
      for (const member of members) member.assigned = new Map()
      members.clear()
    },
  }
}
