import { pause } from '#pipelines/kernel/lifecycle.ts'
import { murmur2 } from '#pipelines/stream/partitioner.ts'
import type { EventType } from '#schemas/generated/events.ts'
import { BatchBuilder } from './batch-builder.ts'
import { Copy } from './copy.ts'
import { PARTITIONS } from './lay.ts'
import type { RawProducer } from './raw-producer.ts'
import type { Model } from './workload.ts'

export interface LiveOptions {
  readonly producer: RawProducer
  readonly models: readonly Model[]
  readonly topicOf: (type: EventType) => string
  /** Events a second, and for how many seconds. */
  readonly rate: number
  readonly seconds: number
  /** Told of an order whose first event was handed to the producer now, about every tenth of a second. */
  readonly probe: (orderId: string, sentAt: number) => void
}

const TICK_MS = 20
/** Copies far from those of any other workload, so that orders are new. */
const FIRST_COPY = 1_000_000

/** Sends events at an even rate, each with the time at which it was sent. Resolves with how many there were. */
export async function sendLive(options: LiveOptions): Promise<number> {
  const { producer, models, topicOf, rate, seconds, probe } = options
  const began = Date.now()
  // Kept from tick to tick, as each holds a megabyte.
  const open = new Map<string, BatchBuilder[]>()
  let sent = 0
  let order = 0
  let lastProbe = 0
  while (Date.now() - began < seconds * 1000) {
    const now = Date.now()
    const due = Math.floor(((now - began) / 1000) * rate)
    const probes: string[] = []
    while (sent < due) {
      const copy = new Copy(models[order % models.length] as Model, FIRST_COPY + Math.floor(order / models.length))
      order++
      for (const event of copy.model.events) {
        const topic = topicOf(event.type)
        const builders = open.get(topic) ?? Array.from({ length: PARTITIONS }, () => new BatchBuilder())
        open.set(topic, builders)
        const builder = builders[(murmur2(copy.key) & 0x7fffffff) % PARTITIONS] as BatchBuilder
        builder.add(copy.key, copy.value(event, 1), copy.headers(event), now)
        sent++
      }
      if (now - lastProbe >= 100) {
        probes.push(copy.orderId)
        lastProbe = now
      }
    }
    for (const orderId of probes) probe(orderId, Date.now())
    const filled = [...open].filter(([, builders]) => builders.some(({ count }) => count > 0))
    const work = filled.map(([topic, builders]) =>
      producer.send(
        topic,
        new Map([...builders.entries()].filter(([, one]) => one.count > 0).map(([p, one]) => [p, one.take()])),
      ),
    )
    await Promise.all(work)
    await pause(Math.max(1, TICK_MS - (Date.now() - now)))
  }
  return sent
}
