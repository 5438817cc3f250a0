import { Registry } from 'prom-client'
import { keyOf, topicOf } from '#pipelines/flow/bindings.ts'
import { PARTITIONS, type Part, type TopicName, topics } from '#pipelines/flow/map.ts'
import type { Outside } from '#pipelines/http/outside.ts'
import { type Clock, systemClock } from '#pipelines/kernel/clock.ts'
import type { Database } from '#pipelines/kernel/database.ts'
import type { Closable } from '#pipelines/kernel/lifecycle.ts'
import { type Log, silentLog } from '#pipelines/kernel/log.ts'
import { recordHeaders, storedHeaders } from '#pipelines/outbox/headers.ts'
import { memoryBinder } from '#pipelines/stream/binders/memory/binder.ts'
import { type MemoryBroker, memoryBroker } from '#pipelines/stream/binders/memory/broker.ts'
import { partitionOf } from '#pipelines/stream/partitioner.ts'
import { topicSpecs } from '#pipelines/stream/topics.ts'
import { createCodec } from '#schemas/codec/codec.ts'
import { memoryRegistry } from '#schemas/codec/memory-registry.ts'
import { registerAll } from '#schemas/codec/register.ts'
import { eventTypes, type ShopEvent } from '#schemas/generated/events.ts'
import { type TestIssuer, testIssuer } from './tokens.ts'

export interface MemoryOutsideOptions {
  readonly clock?: Clock
  readonly log?: Log
}

/** What is outside a service, in memory but for the database: also for programs that a test starts. */
export interface MemoryOutside extends Closable {
  readonly outside: Outside
  readonly issuer: TestIssuer
  readonly broker: MemoryBroker
  /** Another process of the same service: all is shared but the metrics. */
  beside(): Outside
  /** Puts events on their topics, as their producers would. The same event may be given several times. */
  deliver(...events: readonly ShopEvent[]): Promise<void>
  /** Everything on a topic so far; within a key in its order. */
  published<T extends TopicName>(topic: T): Promise<ShopEvent[]>
}

/** `close` leaves the database to whoever opened it. */
export async function memoryOutside(database: Database, options: MemoryOutsideOptions = {}): Promise<MemoryOutside> {
  const { clock = systemClock, log = silentLog } = options
  const issuer = await testIssuer({ clock })
  const broker = memoryBroker()
  const binder = memoryBinder(broker)
  await binder.provision(topicSpecs())
  const registry = memoryRegistry()
  await registerAll({ registry })
  const codec = createCodec({ registry })
  await codec.prepare(eventTypes)
  const outside = { database, binder, codec, auth: issuer.auth, clock, log, metrics: new Registry() }

  function recordOf(event: ShopEvent) {
    const key = keyOf(event)
    const headers = recordHeaders(event.eventId, event.type, storedHeaders(sourceOf(event), event.eventId, {}))
    const partition = partitionOf(key, PARTITIONS)
    return { topic: topicOf(event.type), key, partition, value: codec.encode(event), headers }
  }

  return {
    outside,
    issuer,
    broker,
    beside: () => ({ ...outside, binder: memoryBinder(broker), metrics: new Registry() }),
    deliver: async (...events) => broker.append(events.map(recordOf)),
    published: (topic) =>
      Promise.all(broker.recordsOf(topic).map(({ value }) => codec.decode(value ?? Buffer.alloc(0)))),
    close: () => binder.close(),
  }
}

function sourceOf({ type }: ShopEvent): Part {
  const { producer } = topics[topicOf(type)]
  return producer === 'external' ? 'tasks' : producer
}
