import type { Binder } from '../binders/types.ts'

/**
 * A binder whose topics and groups have other names on the broker, so that tests with the map's names do not meet on a shared one.
 * Parts that shall talk to each other get the same prefix.
 */
export function prefixedBinder(binder: Binder, prefix: string): Binder {
  const add = <T extends { readonly topic: string }>(each: T): T => ({ ...each, topic: prefix + each.topic })
  const strip = <T extends { readonly topic: string }>(each: T): T => ({
    ...each,
    topic: each.topic.slice(prefix.length),
  })
  return {
    name: binder.name,
    produce: (records) => binder.produce(records.map(add)),
    subscribe({ group, topics, subscriber }) {
      const inner = binder.subscribe({
        group: prefix + group,
        topics: topics.map((topic) => prefix + topic),
        subscriber: {
          onAssigned: (partitions) => subscriber.onAssigned(partitions.map(strip)),
          onRevoked: () => subscriber.onRevoked(),
          onRecords: (batch) => subscriber.onRecords({ ...strip(batch), records: batch.records.map(strip) }),
        },
      })
      return {
        commit: (positions) => inner.commit(positions.map(add)),
        pause: (partitions) => inner.pause(partitions.map(add)),
        resume: (partitions) => inner.resume(partitions.map(add)),
        seek: (position) => inner.seek(add(position)),
        close: inner.close,
      }
    },
    async lag(group, topics) {
      const lags = await binder.lag(
        prefix + group,
        topics.map((topic) => prefix + topic),
      )
      return lags.map(strip)
    },
    async provision(specs) {
      const made = await binder.provision(specs.map((spec) => ({ ...spec, name: prefix + spec.name })))
      return made.map((name) => name.slice(prefix.length))
    },
    async describe(names) {
      const found = await binder.describe(names.map((name) => prefix + name))
      return found.map((topic) => ({ ...topic, name: topic.name.slice(prefix.length) }))
    },
    close: binder.close,
  }
}
