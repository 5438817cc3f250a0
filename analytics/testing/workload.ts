import avro from 'avsc'
import { CompressionTypes, Kafka, logLevel, Partitioners } from 'kafkajs'
import { inject } from 'vitest'
import { keyOf, topicOf } from '#pipelines/flow/bindings.ts'
import type { Chance } from '#pipelines/kernel/chance.ts'
import { DAY } from '#pipelines/kernel/clock.ts'
import { newId } from '#pipelines/kernel/ids.ts'
import { type Closable, closer, pause } from '#pipelines/kernel/lifecycle.ts'
import { randomName } from '#pipelines/testing/names.ts'
import { createCodec } from '#schemas/codec/codec.ts'
import { HEADER_BYTES, writeHeader } from '#schemas/codec/frame.ts'
import { httpRegistry } from '#schemas/codec/http-registry.ts'
import { type EventInput, type EventType, eventSchemas, eventTypes } from '#schemas/generated/events.ts'
import { type Ending, item, orderEvents } from './events.ts'
import type { Harness } from './harness.ts'

const ENDINGS: readonly Ending[] = [
  'Submitted',
  'Paid',
  'Shipped',
  'Refunded',
  'PaymentFailed',
  'StockRejected',
  'CancelledByCustomer',
]
/** Events that other versions of their producers write, too. */
const VERSIONED: readonly EventType[] = [
  'UserCheckoutAccepted',
  'OrderStatusChangedToShipped',
  'OrderStockConfirmed',
  'OrderStatusChangedToAwaitingValidation',
]
/** How many events are held back to come late. */
const MOST_LATE = 400

type Encode = (event: EventInput) => Buffer

interface Schema {
  readonly name: string
  readonly fields: readonly { readonly name: string; readonly default?: unknown }[]
}

/** What producers do to a topic: orders side by side, events late, again and out of order, several versions of a schema, poison. */
export interface Workload extends Closable {
  /** Sends one more burst. */
  burst(): Promise<void>
  /** Sends bursts all the while, until it is closed. */
  keepOn(everyMs: number): Closable
  /** Sends all that was held back. */
  finish(): Promise<void>
}

/** @param days over how many days, up to today, producers' clocks are spread */
export async function openWorkload(shop: Harness, chance: Chance, { days = 1 } = {}): Promise<Workload> {
  const open = closer()
  const kafka = new Kafka({ brokers: [...shop.brokers], logLevel: logLevel.NOTHING })
  const producer = kafka.producer({ createPartitioner: Partitioners.DefaultPartitioner })
  await producer.connect()
  open.add({ close: () => producer.disconnect() })
  const registry = httpRegistry({ registryUrl: inject('registryUrl') })
  const codec = createCodec({ registry })
  await codec.prepare(eventTypes)
  const versions = new Map<EventType, readonly Encode[]>()
  for (const type of VERSIONED)
    versions.set(type, [(event) => codec.encode(event), await older(type), await newer(type)])
  const late: EventInput[] = []

  async function older(type: EventType): Promise<Encode> {
    const ours = JSON.parse(eventSchemas[type].schema) as Schema
    const fields = ours.fields.filter(({ default: value }) => value === undefined)
    return await writing({ ...ours, fields })
  }

  async function newer(type: EventType): Promise<Encode> {
    const ours = JSON.parse(eventSchemas[type].schema) as Schema
    const added = { name: 'giftMessage', type: ['null', 'string'], default: null, doc: 'a field of tomorrow' }
    return await writing({ ...ours, fields: [added, ...ours.fields] }, { giftMessage: 'Für "Dich"' })
  }

  async function writing(schema: Schema, more: object = {}): Promise<Encode> {
    const { id } = await registry.register(randomName('version'), JSON.stringify(schema))
    const type = avro.Type.forSchema(schema as avro.Schema)
    return (event) => {
      const body = type.toBuffer({ ...event, ...more })
      const bytes = Buffer.allocUnsafe(HEADER_BYTES + body.length)
      writeHeader(bytes, id)
      body.copy(bytes, HEADER_BYTES)
      return bytes
    }
  }

  const encoded: Encode = (event) =>
    chance.pick(versions.get(event.type) ?? [(one: EventInput) => codec.encode(one)])(event)

  /** A value that nobody can read, made of a good one. */
  function poison(good: Buffer): Buffer | null {
    const bytes = Buffer.from(good)
    switch (chance.between(0, 5)) {
      case 0:
        return null
      case 1:
        return Buffer.from('not avro')
      case 2:
        return bytes.subarray(0, chance.between(HEADER_BYTES, bytes.length - 1)) // cut off
      case 3:
        return Buffer.concat([bytes, Buffer.from([0])]) // more than there should be
      case 4:
        bytes.writeInt32BE(0x7fff_fff0, 1) // an id nobody knows
        return bytes
      default:
        bytes.fill(0xff, HEADER_BYTES, HEADER_BYTES + 6) // an absurd length
        return bytes
    }
  }

  async function send(events: readonly EventInput[], spoiled: number) {
    const messages = events.map((event) => ({
      topic: shop.topics[topicOf(event.type)],
      key: keyOf(event),
      value: encoded(event) as Buffer | null,
    }))
    for (let i = 0; i < spoiled; i++) {
      const one = messages[chance.between(0, events.length - 1)]
      if (one?.value) messages.push({ ...one, key: newId(), value: poison(one.value) })
    }
    const byTopic = Map.groupBy(messages, ({ topic }) => topic)
    await producer.sendBatch({
      compression: chance.pick([CompressionTypes.None, CompressionTypes.GZIP]),
      topicMessages: [...byTopic].map(([topic, list]) => ({
        topic,
        messages: list.map(({ key, value }) => ({
          key,
          value,
          ...(days > 1 && { timestamp: String(Date.now() - chance.between(0, days - 1) * DAY) }),
        })),
      })),
    })
  }

  async function burst() {
    const orders = Array.from({ length: chance.between(1, 3) }, () => {
      const items = Array.from({ length: chance.between(1, 3) }, (_, i) =>
        item({ lineNo: i + 1, quantity: chance.between(1, 9), unitPriceMinor: chance.between(1, 99_999) }),
      )
      const at = 1_800_000_000_000 + chance.between(0, 1e9)
      return orderEvents(chance.pick(ENDINGS), { items, at, currency: chance.pick(['EUR', 'JPY', 'CHF']) })
    })
    const now: EventInput[] = []
    for (const event of orders.flat()) (chance.next() < 0.1 && late.length < MOST_LATE ? late : now).push(event)
    const again = now.filter(() => chance.next() < 0.1)
    while (late.length > MOST_LATE / 2) now.push(...late.splice(chance.between(0, late.length - 1), 1))
    const sent = [...now, ...again, ...again.slice(0, 2).map((event) => ({ ...event, eventId: newId() }))]
    await send(chance.next() < 0.5 ? chance.shuffled(sent) : sent, chance.between(0, 2))
  }

  return {
    burst,
    keepOn(everyMs) {
      let on = true
      const work = (async () => {
        for (; on; await pause(everyMs)) await burst()
      })()
      return {
        async close() {
          on = false
          await work
        },
      }
    },
    async finish() {
      if (late.length > 0) await send(chance.shuffled(late.splice(0)), 0)
    },
    close: () => open.close(),
  }
}
