import { CodedError, Unavailable } from '#pipelines/kernel/errors.ts'
import type { IncomingRecord, ProducerRecord, TopicPartition, TopicSpec } from '../types.ts'
import { createGroup, type MemoryGroup } from './group.ts'

/** A broker within the process, to be shared by the binders of several parts. Tests read its records and take it away. */
export interface MemoryBroker {
  readonly topics: ReadonlyMap<string, MemoryTopic>
  append(records: readonly ProducerRecord[]): void
  createTopic(spec: TopicSpec): boolean
  group(name: string): MemoryGroup
  groupNames(): Iterable<string>
  /** All records of a topic, partition by partition. */
  recordsOf(topic: string): readonly IncomingRecord[]
  /** From now on everything fails as with a broker that is gone. */
  goAway(): void
  /** It is back with its records and positions; the groups' members join again. */
  comeBack(): void
  /** The members of a group vanish as killed processes do: they commit nothing more and are told nothing. */
  crash(group: string): void
  /** @throws Unavailable while the broker is away */
  assertThere(): void
}

export interface MemoryTopic {
  readonly spec: TopicSpec
  readonly partitions: IncomingRecord[][]
}

export function memoryBroker(): MemoryBroker {
  const topics = new Map<string, MemoryTopic>()
  const groups = new Map<string, MemoryGroup>()
  let away = false

  function assertThere() {
    if (away) throw new Unavailable('BROKER_AWAY', 'the broker in memory was told to be away')
  }

  return {
    topics,
    assertThere,

    append(records) {
      assertThere()
      for (const { topic } of records) {
        if (!topics.has(topic)) throw new CodedError('PRODUCE_REFUSED', `there is no topic ${topic}`)
      }
      for (const { topic, partition, key, value, headers } of records) {
        const log = topics.get(topic)?.partitions[partition]
        if (!log) throw new CodedError('PRODUCE_REFUSED', `${topic} has no partition ${partition}`)
        log.push({ topic, partition, offset: String(log.length), key, value, headers, timestamp: Date.now() })
      }
      for (const group of groups.values()) group.wake()
    },

    createTopic(spec) {
      assertThere()
      if (topics.has(spec.name)) return false
      topics.set(spec.name, { spec, partitions: Array.from({ length: spec.partitions }, () => []) })
      for (const group of groups.values()) group.rebalance()
      return true
    },

    group(name) {
      let group = groups.get(name)
      if (!group) {
        group = createGroup(topics, () => !away)
        groups.set(name, group)
      }
      return group
    },

    groupNames: () => groups.keys(),
    recordsOf: (topic) => topics.get(topic)?.partitions.flat() ?? [],

    goAway() {
      away = true
      for (const group of groups.values()) group.disband()
    },
    comeBack() {
      away = false
      for (const group of groups.values()) group.rebalance()
    },
    crash: (name) => groups.get(name)?.crash(),
  }
}

export function placeOf({ topic, partition }: TopicPartition): string {
  return `${topic}/${partition}`
}
