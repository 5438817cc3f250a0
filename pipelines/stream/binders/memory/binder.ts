import { openSubscriptions } from '../open-subscriptions.ts'
import type { Binder, SubscribeOptions, Subscription, TopicPartition } from '../types.ts'
import { type MemoryBroker, memoryBroker, placeOf } from './broker.ts'
import type { MemoryMember } from './group.ts'

/** A binder on a broker within the process: for tests, simulations and trying things out. Nothing outlives the process. */
export function memoryBinder(broker: MemoryBroker = memoryBroker()): Binder {
  const subscriptions = openSubscriptions()
  return {
    name: 'memory',

    async produce(records) {
      broker.append(records)
    },

    subscribe: (options) => subscriptions.add(memorySubscription(broker, options)),

    async lag(groupName, names) {
      broker.assertThere()
      const { committed } = broker.group(groupName)
      return names.flatMap((topic) =>
        [...(broker.topics.get(topic)?.partitions ?? [])].map((log, partition) => {
          const position = committed.get(placeOf({ topic, partition }))
          return {
            topic,
            partition,
            committed: position,
            end: String(log.length),
            lag: log.length - Number(position ?? 0),
          }
        }),
      )
    },

    async provision(specs) {
      return specs.filter((spec) => broker.createTopic(spec)).map(({ name }) => name)
    },

    async describe(names) {
      broker.assertThere()
      return names.flatMap((name) => {
        const topic = broker.topics.get(name)
        return topic ? [{ retentionMs: undefined, ...topic.spec, cleanupPolicy: 'delete' }] : []
      })
    },

    close: subscriptions.close,
  }
}

function memorySubscription(broker: MemoryBroker, { group: name, topics, subscriber }: SubscribeOptions): Subscription {
  const group = broker.group(name)
  const member: MemoryMember = { topics, subscriber, assigned: new Map() }
  group.join(member)

  function setPaused(partitions: readonly TopicPartition[], paused: boolean) {
    for (const each of partitions) {
      const state = member.assigned.get(placeOf(each))
      if (state) state.paused = paused
    }
    group.wake()
  }

  return {
    async commit(positions) {
      broker.assertThere()
      group.commit(member, positions)
    },
    pause: (partitions) => setPaused(partitions, true),
    resume: (partitions) => setPaused(partitions, false),
    seek(position) {
      const state = member.assigned.get(placeOf(position))
      if (state) state.next = Number(position.offset)
      group.wake()
    },
    async close() {
      group.leave(member)
    },
  }
}
