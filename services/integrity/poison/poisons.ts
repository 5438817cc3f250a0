import { PARTITIONS, type TopicName } from '#pipelines/flow/map.ts'
import { newId } from '#pipelines/kernel/ids.ts'
import { partitionOf } from '#pipelines/stream/partitioner.ts'
import { sample } from '#pipelines/stream/testing/sample-events.ts'
import type { ShopEvent } from '#schemas/generated/events.ts'
import { orderCancelled, orderPaid, stockAsked } from '#services/catalog/testing/events.ts'
import { checkout, item, reply } from '#services/ordering/testing/samples.ts'
import { stockConfirmed } from '#services/payment/testing/events.ts'

/** A record that no group can make sense of, or only some way that must be the right one. */
export interface Poison {
  readonly name: string
  readonly key: string
  readonly value: Buffer | null
  /** What every group that reads the topic must do with it: the code of its dead letter, or that it goes by without one. */
  readonly fate: string | RegExp | 'passes'
}

type Encode = (event: ShopEvent) => Buffer

/** A new id whose records stand in the same partition as those of another key. */
export function keyBeside(key: string): string {
  for (;;) {
    const candidate = newId()
    if (partitionOf(candidate, PARTITIONS) === partitionOf(key, PARTITIONS)) return candidate
  }
}

const priced = (productId: string, over: object = {}) =>
  ({
    ...sample.priceChanged(productId),
    eventId: newId(),
    occurredAt: 1,
    oldPriceMinor: null,
    ...over,
  }) as unknown as ShopEvent
const started = (orderId: string, over: object = {}) =>
  ({ ...sample.orderStarted(orderId), eventId: newId(), occurredAt: 1, ...over }) as unknown as ShopEvent

/** A good event of each topic about a key. About an order that is paid, or a key that nobody knows, it is finished with at once. */
export const GOOD: Readonly<Partial<Record<TopicName, (key: string) => ShopEvent>>> = {
  'order-checkouts': (orderId) => checkout({ orderId }),
  orders: (orderId) => started(orderId),
  'grace-period-confirmed': (orderId) => reply('GracePeriodConfirmed', orderId),
  'orders-waiting-for-validation': (orderId) => stockAsked(orderId, [{ productId: newId(), quantity: 1 }]),
  'order-stock-statuses': (orderId) => reply('OrderStockConfirmed', orderId),
  'stock-confirmed': (orderId) => stockConfirmed({ orderId, token: 'tok_declined' }),
  'payment-status': (orderId) => reply('OrderPaymentSucceeded', orderId),
  'paid-orders': (orderId) => orderPaid(orderId),
  'cancelled-orders': (orderId) => orderCancelled(orderId),
  'product-price-changes': (productId) => priced(productId),
}

export const TOPICS = Object.keys(GOOD) as readonly TopicName[]

/** Topics whose good event about a known (paid) order would do something: a good one is about somebody unknown there. */
export const ABOUT_UNKNOWN: ReadonlySet<TopicName> = new Set([
  'order-checkouts',
  'orders',
  'cancelled-orders',
  'product-price-changes',
])

/** What is valid, and impossible. The fates are the design's: replies about unknown orders are tried again and then dead, … */
function impossible(topic: TopicName, key: string): { name: string; event: ShopEvent; fate: Poison['fate'] }[] {
  switch (topic) {
    case 'order-checkouts':
      return [
        {
          name: 'a negative quantity',
          event: checkout({ orderId: key, items: [item({ quantity: -5 })] }),
          fate: 'passes',
        },
        { name: 'sums that do not add up', event: checkout({ orderId: key, totalMinor: -1 }), fate: 'passes' },
      ]
    case 'orders':
      return [{ name: 'an unknown order, and a version gap', event: started(key, { version: 99 }), fate: 'passes' }]
    case 'orders-waiting-for-validation':
      return [
        {
          name: 'a negative quantity',
          event: stockAsked(key, [{ productId: newId(), quantity: -5 }]),
          fate: 'REJECTED',
        },
        { name: 'no lines', event: stockAsked(key, []), fate: 'REJECTED' },
        {
          name: 'a version gap',
          event: { ...stockAsked(key, [{ productId: newId(), quantity: 1 }]), version: 99 },
          fate: 'passes',
        },
      ]
    case 'stock-confirmed':
      return [{ name: 'a negative total', event: stockConfirmed({ orderId: key, totalMinor: -5 }), fate: 'REJECTED' }]
    case 'cancelled-orders':
      return [
        { name: 'an unknown order, and a version gap', event: { ...orderCancelled(key), version: 99 }, fate: 'passes' },
      ]
    case 'product-price-changes':
      return [{ name: 'a negative price', event: priced(key, { newPriceMinor: -5 }), fate: 'REJECTED' }]
    default: {
      const good = GOOD[topic]?.(key)
      return good ? [{ name: 'an unknown order', event: good, fate: 'RETRY_ASKED' }] : []
    }
  }
}

const FRAME_BYTES = 5
/** A string of 2^40 bytes, as Avro would announce it (zig-zag varint). */
const ABSURD_LENGTH = Buffer.from([0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x01])

/** Records that nobody can read, made of a good one, each under a key of its own in the partition of `beside`. */
export function spoiled(good: () => Buffer, beside: string, stranger?: Buffer): Poison[] {
  const frame = () => good().subarray(0, FRAME_BYTES)
  const unknownId = Buffer.concat([Buffer.from([0, 0x7f, 0xff, 0xff, 0xff]), good().subarray(FRAME_BYTES)])
  const badMagic = Buffer.concat([Buffer.from([7]), good().subarray(1)])
  const noId = Buffer.from(
    good()
      .toString('latin1')
      .replace(/[0-9a-f-]{36}/, 'x'.repeat(36)),
    'latin1',
  )
  const bytes: readonly (readonly [string, Buffer | null, Poison['fate']])[] = [
    ['a bad magic byte', badMagic, 'EVENT_NOT_FRAMED'],
    ['an unknown schema id', unknownId, 'EVENT_SCHEMA_UNKNOWN'],
    ['a truncated event', good().subarray(0, -3), /^EVENT_/],
    ['a truncated frame', good().subarray(0, 3), 'EVENT_TRUNCATED'],
    ['an absurd length', Buffer.concat([frame(), ABSURD_LENGTH, Buffer.alloc(40, 1)]), /^EVENT_/],
    ['bytes behind the event', Buffer.concat([good(), Buffer.alloc(9)]), /^EVENT_/],
    ['an event id that is none', noId, /^EVENT_/],
    ['no value', null, 'EVENT_EMPTY'],
    ['text', Buffer.from('{"orderId":"not avro"}'), 'EVENT_NOT_FRAMED'],
    ...(stranger
      ? ([
          [
            'another event in the clothes of this one',
            Buffer.concat([frame(), stranger.subarray(FRAME_BYTES)]),
            /^EVENT_/,
          ],
          ['an event of another topic', stranger, 'passes'],
        ] as const)
      : []),
  ]
  return bytes.map(([name, value, fate]) => ({ name, value, fate, key: keyBeside(beside) }))
}

/** Every poison of a topic, each under a key of its own in the partition of `beside`. */
export function poisonsOf(topic: TopicName, beside: string, encode: Encode): Poison[] {
  const good = () => encode((GOOD[topic] as (key: string) => ShopEvent)(newId()))
  const stranger = topic === 'product-price-changes' ? started(newId()) : priced(newId())
  return [
    ...spoiled(good, beside, encode(stranger)),
    ...impossible(topic, '').map(({ name }, at) => {
      const key = keyBeside(beside)
      const { event, fate } = impossible(topic, key)[at] as { event: ShopEvent; fate: Poison['fate'] }
      return { name, key, value: encode(event), fate }
    }),
  ]
}
