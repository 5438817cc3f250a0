import { murmur2 } from '#pipelines/stream/partitioner.ts'
import type { EventType } from '#schemas/generated/events.ts'
import { BatchBuilder } from './batch-builder.ts'
import { Copy } from './copy.ts'
import type { RawProducer } from './raw-producer.ts'
import { COPY_MS, type Model, type ModelEvent, makeRandom } from './workload.ts'

export interface SendOptions {
  readonly producer: RawProducer
  readonly models: readonly Model[]
  readonly orders: number
  readonly topicOf: (type: EventType) => string
  readonly partitions: number
  /** 0: an order's events lie close together. Else: so many orders later than the step before. */
  readonly spread: number
  readonly seed: number
}

export interface Sent {
  readonly records: number
  readonly poison: number
  /** Bytes of the records' values, and of values, keys and headers. */
  readonly valueBytes: number
  readonly bytes: number
}

const BATCH_RECORDS = 500
/** Share of records that are sent a second time, and that come late, by so many orders. */
const REPEATED = 0.02
const LATE = 0.01
const LATE_BY = 5_000
const POISON = 0.0001
/** From which share of the orders on the writer's next version is used. */
const VERSION_FROM = [0, 0.45, 0.9]

/** Sends the workload: orders in their steps, some records twice, some late, a few that nobody can read. */
export async function sendWorkload(options: SendOptions): Promise<Sent> {
  const { producer, models, orders, topicOf, partitions, spread, seed } = options
  const random = makeRandom(seed)
  const open = new Map<string, BatchBuilder[]>()
  const late = new Map<number, { copy: Copy; event: ModelEvent }[]>()
  const sent = { records: 0, poison: 0, valueBytes: 0, bytes: 0 }
  const inFlight = new Set<Promise<void>>()

  async function flush(topic: string, builders: readonly BatchBuilder[], least: number) {
    const batches = new Map<number, Buffer>()
    for (const [partition, builder] of builders.entries())
      if (builder.count >= least) batches.set(partition, builder.take())
    if (batches.size === 0) return
    const work: Promise<void> = producer.send(topic, batches).finally(() => inFlight.delete(work))
    inFlight.add(work)
    if (inFlight.size > 8) await Promise.race(inFlight)
  }

  async function put(copy: Copy, event: ModelEvent, version: number, poisoned: boolean) {
    const topic = topicOf(event.type)
    const builders = open.get(topic) ?? Array.from({ length: partitions }, () => new BatchBuilder())
    open.set(topic, builders)
    const value = copy.value(event, version)
    const written = poisoned ? harmed(value, sent.poison++) : value
    const headers = copy.headers(event)
    const builder = builders[(murmur2(copy.key) & 0x7fffffff) % partitions] as BatchBuilder
    builder.add(copy.key, written, headers, 1_790_000_000_000 + copy.number * COPY_MS)
    sent.records++
    sent.valueBytes += written.length
    sent.bytes += written.length + headers.length + copy.key.length
    if (builder.count >= BATCH_RECORDS) await flush(topic, builders, BATCH_RECORDS / 2)
  }

  const steps = Math.max(...models.map(({ events }) => events.length))
  const copyOf = (n: number) => new Copy(models[n % models.length] as Model, Math.floor(n / models.length))
  const versionOf = (n: number) => VERSION_FROM.findLastIndex((from) => n >= from * orders)
  for (let n = 0; n < orders + spread * (steps - 1); n++) {
    let copy: Copy | undefined
    for (let step = 0; step < steps; step++) {
      const order = n - step * spread
      if (order < 0 || order >= orders) continue
      if (!copy || spread > 0) copy = copyOf(order)
      const event = copy.model.events[step]
      if (!event) continue
      if (random() < LATE) {
        const due = n + LATE_BY
        late.set(due, [...(late.get(due) ?? []), { copy, event }])
        continue
      }
      await put(copy, event, versionOf(order), false)
      if (random() < REPEATED) await put(copy, event, versionOf(order), false)
      if (random() < POISON) await put(copy, event, versionOf(order), true)
    }
    for (const { copy: own, event } of late.get(n) ?? []) await put(own, event, versionOf(n), false)
    late.delete(n)
  }
  for (const rest of late.values()) for (const { copy, event } of rest) await put(copy, event, 2, false)
  for (const [topic, builders] of open) await flush(topic, builders, 1)
  await Promise.all(inFlight)
  return sent
}

/** Bad magic byte, an unknown schema, cut off, an absurd length: in turn. */
function harmed(value: Buffer, n: number): Buffer {
  if (n % 4 === 0) return Buffer.concat([Buffer.from([7]), value.subarray(1)])
  if (n % 4 === 1) return Buffer.concat([Buffer.from([0, 0x7f, 0xff, 0xff, 0xf0]), value.subarray(5)])
  if (n % 4 === 2) return value.subarray(0, value.length - 9)
  return Buffer.concat([value.subarray(0, 5), Buffer.from([0xff, 0xff, 0xff, 0xff, 0x0f]), value.subarray(6)])
}
