import { topicOf } from '#pipelines/flow/bindings.ts'
import type { TopicName } from '#pipelines/flow/map.ts'
import { sensitive } from '#schemas/codec/sensitive.ts'
import type { EventType, UserCheckoutAccepted } from '#schemas/generated/events.ts'
import type { Reservation, Shelf } from '#services/catalog/domain/reservation.ts'
import type { Order, Step } from '#services/ordering/domain/order.ts'
import type { Payment } from '#services/payment/payment.ts'
import type { ChargeAnswer } from '#services/payment/provider/provider.ts'

/**
 * Vocabulary. A *world* is one order with everything that knows of it: the services' states, the bank, the topics with how far each reader
 * has come. A *move* is one atomic thing that can happen next: a delivery, a command, a step of the charger, or a fault from the *allowance*.
 * Worlds never change: a move makes a new one.
 */
export interface World {
  readonly basket: 'Accepted' | 'Started'
  readonly order: Order | undefined
  readonly steps: readonly Step[]
  /** The grace-period task's marker. */
  readonly confirmed: boolean
  readonly redrives: number
  readonly reservation: Reservation | undefined
  readonly shelf: Shelf
  readonly payment: Payment | undefined
  readonly bank: Bank
  /** The charger's calls under way. */
  readonly calls: readonly Call[]
  readonly topics: Readonly<Partial<Record<TopicName, readonly Message[]>>>
  /** The next message of each `reader topic`. */
  readonly at: Readonly<Record<string, number>>
  /** What may still happen. */
  readonly left: Allowance
}

export interface Message {
  readonly type: EventType
  readonly [field: string]: unknown
}

/** What the bank remembers, by its keys: the order's for the charge, the refund's for the refund. */
export interface Bank {
  readonly captures: readonly string[]
  readonly refused: boolean
  readonly refunds: readonly string[]
}

export interface Call {
  readonly kind: 'charge' | 'refund'
  readonly key: string
  readonly answer: ChargeAnswer | 'refunded' | undefined
}

/** How often each of what need not happen may happen in one world. */
export interface Allowance {
  readonly cancels: number
  readonly ships: number
  /** A reader begins again at any earlier message: it died before its position was kept. There is no inbox here, so all is handled again. */
  readonly rewinds: number
  /** A message is put aside and never handled. */
  readonly losses: number
  /** The process dies, or gives up, while it waits for the bank. */
  readonly lostCalls: number
  /** Somebody asks again although nothing is wrong: the reconciler, basket, catalog, payment. */
  readonly reminders: number
}

export const NOTHING: Allowance = { cancels: 0, ships: 0, rewinds: 0, losses: 0, lostCalls: 0, reminders: 0 }

export const ORDER_ID = '01900000-0000-7000-8000-000000000001'
export const PRODUCT_ID = '01900000-0000-7000-8000-00000000000a'
export const UNITS = 2
const PRICE = 500

const checkout = {
  type: 'UserCheckoutAccepted',
  eventId: '01900000-0000-7000-8000-0000000000c1',
  occurredAt: 1,
  orderId: ORDER_ID,
  customerId: 'alice',
  basketId: '01900000-0000-7000-8000-00000000000b',
  basketVersion: 1,
  totalMinor: UNITS * PRICE,
  subtotalMinor: UNITS * PRICE,
  discountMinor: 0,
  shippingMinor: 0,
  taxMinor: 0,
  currency: 'EUR',
  items: [
    {
      lineNo: 1,
      productId: PRODUCT_ID,
      sku: 's',
      name: 'n',
      brand: 'b',
      category: 'c',
      unitPriceMinor: PRICE,
      priceVersion: 1,
      quantity: UNITS,
    },
  ],
  address: {
    street: sensitive('s'),
    city: sensitive('c'),
    state: null,
    country: sensitive('NL'),
    zipCode: sensitive('z'),
  },
  paymentToken: sensitive('tok_visa'),
  cardBrand: null,
  cardLast4: null,
  channel: 'API',
} as const satisfies UserCheckoutAccepted

/** A checkout that was accepted a moment ago, of a product with so many units. */
export function newWorld(units: number, left: Allowance): World {
  return publish(
    {
      basket: 'Accepted',
      order: undefined,
      steps: [],
      confirmed: false,
      redrives: 0,
      reservation: undefined,
      shelf: { productId: PRODUCT_ID, available: units, reserved: 0, sold: 0, stockVersion: 1, discontinued: false },
      payment: undefined,
      bank: { captures: [], refused: false, refunds: [] },
      calls: [],
      topics: {},
      at: {},
      left,
    },
    [CHECKOUT],
  )
}

export const CHECKOUT: Message = checkout as unknown as Message

/** The world once these are in their topics. State and events are one step: the outbox sees to that. */
export function publish(world: World, messages: readonly Message[]): World {
  let { topics } = world
  for (const message of messages) {
    const topic = topicOf(message.type)
    topics = { ...topics, [topic]: [...(topics[topic] ?? []), message] }
  }
  return { ...world, topics }
}

/** Two worlds of one name are the same, for all that can come. */
export function nameOf(world: World): string {
  const { basket, order, confirmed, redrives, reservation, shelf, payment, bank, calls, topics, at, left } = world
  const messages = Object.entries(topics)
    .map(([topic, some]) => `${topic}:${some.map(short).join(',')}`)
    .sort()
  const waits = payment?.status === 'CHARGING' ? `${payment.effort.attempts}${payment.cancellation ? 'x' : ''}` : ''
  const seen = payment?.status === 'SUCCEEDED' && payment.outcomeSeen ? 'seen' : ''
  return [
    basket,
    `${order?.status}${order?.version}${confirmed ? 'c' : ''}${redrives}`,
    `${reservation?.status}${reservation?.answer?.type ?? ''} ${shelf.available}/${shelf.reserved}/${shelf.sold}`,
    `${payment?.status}${waits}${seen}`,
    `${bank.captures}${bank.refused}${bank.refunds}`,
    calls.map(({ kind, answer }) => `${kind}${typeof answer === 'object' ? answer.outcome : answer}`).join(),
    messages.join(' '),
    Object.entries(at)
      .map(([reader, next]) => `${reader}${next}`)
      .sort()
      .join(),
    Object.values(left).join(),
  ].join('|')
}

function short({ type, version, orderVersion }: Message): string {
  return `${type}${version ?? orderVersion ?? ''}`
}
