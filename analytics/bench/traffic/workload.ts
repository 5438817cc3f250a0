import { randomBytes } from 'node:crypto'
import { newId } from '#pipelines/kernel/ids.ts'
import { avroType } from '#schemas/codec/avro/avro-type.ts'
import { HEADER_BYTES, writeHeader } from '#schemas/codec/frame.ts'
import type { Registry } from '#schemas/codec/registry.ts'
import { type EventInput, type EventType, eventSchemas } from '#schemas/generated/events.ts'
import { type Ending, item, orderEvents } from '../../testing/events.ts'
import { encodedHeaders } from './batch-builder.ts'

/**
 * Vocabulary. The workload is made of *model* orders, whose events are encoded once. Each order sent is a *copy* of one: its own ids, and
 * times later by so much per copy; prices, products and texts are the model's.
 */
export interface ModelEvent {
  readonly type: EventType
  /** The value for each version of the writer's schema. */
  readonly values: readonly Buffer[]
  readonly key: Buffer
  readonly headers: Buffer
  /** Where in each value the ids and times are that a copy has of its own. */
  readonly ids: readonly (readonly { readonly at: number; readonly id: number }[])[]
  readonly times: readonly (readonly number[])[]
  /** Which ids stand in the headers. */
  readonly headerIds: readonly { readonly at: number; readonly id: number }[]
}

export interface Model {
  readonly events: readonly ModelEvent[]
  /** As they were before encoding, for the oracle. */
  readonly inputs: readonly EventInput[]
  /** The ids of its own, as in the model: order first. */
  readonly ids: readonly string[]
}

/** Milliseconds by which a copy's times are later than those of the copy before. */
export const COPY_MS = 997

const ENDINGS: readonly Ending[] = [
  ...Array<Ending>(14).fill('Shipped'),
  'Paid',
  'Refunded',
  'PaymentFailed',
  'StockRejected',
  'CancelledByCustomer',
  'Submitted',
]

/** Seeded: the same models each time. */
export function makeRandom(seed: number): () => number {
  let state = seed >>> 0
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0
    return state / 2 ** 32
  }
}

interface WriterSchema {
  readonly id: number
  readonly encode: (event: EventInput) => Buffer
}

/** Three versions of each event: an older one without the fields that have defaults, today's, and a newer one with an optional field. */
async function writersOf(registry: Registry, prefix: string): Promise<ReadonlyMap<EventType, readonly WriterSchema[]>> {
  const writers = new Map<EventType, WriterSchema[]>()
  for (const type of new Set(ENDINGS.flatMap((ending) => orderEvents(ending).map((event) => event.type)))) {
    const today = JSON.parse(eventSchemas[type].schema) as { fields: { name: string; default?: unknown }[] }
    const older = { ...today, fields: today.fields.filter(({ default: value }) => value !== 0) }
    const newer = { ...today, fields: [...today.fields, { name: 'note', type: ['null', 'string'], default: null }] }
    const own: WriterSchema[] = []
    for (const schema of [older, today, newer]) {
      const text = JSON.stringify(schema)
      const { id } = await registry.register(`${prefix}-${type}`, text)
      const avro = avroType(text)
      own.push({ id, encode: (event) => framed(id, avro.toBuffer(event)) })
    }
    writers.set(type, own)
  }
  return writers
}

function framed(id: number, avro: Buffer): Buffer {
  const bytes = Buffer.allocUnsafe(HEADER_BYTES + avro.length)
  writeHeader(bytes, id)
  avro.copy(bytes, HEADER_BYTES)
  return bytes
}

/** Encodes the model orders. */
export async function makeModels(registry: Registry, prefix: string, count: number, seed: number): Promise<Model[]> {
  const writers = await writersOf(registry, prefix)
  const random = makeRandom(seed)
  const products = Array.from({ length: 500 }, (_, i) =>
    item({
      productId: newId(),
      sku: `SKU-${1000 + i}`,
      name: `Product number ${i} of the catalog`.slice(0, 16 + (i % 20)),
      brand: `Brand ${i % 23}`,
      category: `Category ${i % 11}`,
      unitPriceMinor: 99 + Math.floor(random() * 50_000),
    }),
  )
  return Array.from({ length: count }, () => {
    const lines = random() < 0.02 ? 20 : 1 + Math.floor(random() * random() * 5)
    const items = Array.from({ length: lines }, (_, n) => ({
      ...(products[Math.floor(random() * products.length)] as (typeof products)[number]),
      lineNo: n + 1,
      quantity: 1 + Math.floor(random() * 3),
    }))
    const ending = ENDINGS[Math.floor(random() * ENDINGS.length)] as Ending
    const at = 1_790_000_000_000 + Math.floor(random() * 600_000)
    const inputs = orderEvents(ending, { items, at, customerId: newId() })
    return modelOf(inputs, writers)
  })
}

const UUID = /[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}/g

function modelOf(inputs: readonly EventInput[], writers: ReadonlyMap<EventType, readonly WriterSchema[]>): Model {
  const products = new Set(
    inputs.flatMap((event) => ('items' in event ? event.items.map(({ productId }) => productId) : [])),
  )
  const orderId = (inputs[0] as { orderId: string }).orderId
  const ids = [orderId]
  const idOf = (text: string) => {
    const known = ids.indexOf(text)
    return known >= 0 ? known : ids.push(text) - 1
  }
  const find = (bytes: Buffer) =>
    [...bytes.toString('latin1').matchAll(UUID)]
      .filter(([text]) => !products.has(text))
      .map((match) => ({ at: match.index, id: idOf(match[0]) }))
  const events = inputs.map((event): ModelEvent => {
    const values = (writers.get(event.type) ?? []).map(({ encode }) => encode(event))
    const times = Object.entries(event)
      .filter(([name]) => /At$/.test(name))
      .map(([, value]) => value as number)
    const headers = encodedHeaders({
      ce_id: event.eventId,
      ce_type: `eshop.ordering.${event.type}`,
      ce_source: '/ordering',
      ce_specversion: '1.0',
      'content-type': 'application/avro',
      ce_correlationid: orderId,
      ce_causationid: newId(),
      traceparent: `00-${randomBytes(16).toString('hex')}-${randomBytes(8).toString('hex')}-01`,
    })
    return {
      type: event.type,
      values,
      key: Buffer.from(orderId),
      headers,
      ids: values.map(find),
      times: values.map((value) => placesOfTimes(value, times)),
      headerIds: find(headers),
    }
  })
  return { events, inputs, ids }
}

/** Times are zigzag varints of six bytes, whatever the copy. */
function placesOfTimes(value: Buffer, times: readonly number[]): number[] {
  return [...new Set(times)].flatMap((time) => {
    const bytes = timeBytes(time)
    const places: number[] = []
    for (let at = value.indexOf(bytes); at >= 0; at = value.indexOf(bytes, at + 1)) places.push(at)
    return places
  })
}

export function timeBytes(time: number): Buffer {
  const bytes = Buffer.alloc(6)
  writeTime(bytes, 0, time)
  return bytes
}

export function writeTime(bytes: Buffer, at: number, time: number): void {
  let rest = time * 2
  for (let i = 0; i < 5; i++) {
    bytes[at + i] = (rest % 128) | 128
    rest = Math.floor(rest / 128)
  }
  bytes[at + 5] = rest
}

export function readTime(bytes: Buffer, at: number): number {
  let value = 0
  for (let i = 5; i >= 0; i--) value = value * 128 + ((bytes[at + i] as number) & 127)
  return value / 2
}
