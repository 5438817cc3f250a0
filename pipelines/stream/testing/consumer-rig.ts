import { consumedTopics } from '#pipelines/flow/bindings.ts'
import { PARTITIONS } from '#pipelines/flow/map.ts'
import { inboxMigrations } from '#pipelines/inbox/inbox.ts'
import { newId } from '#pipelines/kernel/ids.ts'
import { type Log, silentLog } from '#pipelines/kernel/log.ts'
import { createOutbox, outboxMigrations } from '#pipelines/outbox/outbox.ts'
import { type TestDatabase, testDatabase } from '#pipelines/testing/database.ts'
import { randomName } from '#pipelines/testing/names.ts'
import type { Codec } from '#schemas/codec/codec.ts'
import type { EventInput, EventType } from '#schemas/generated/events.ts'
import type { Binder } from '../binders/types.ts'
import { consumerMigrations, createConsumer } from '../consumer/consumer.ts'
import type { Consumer, ConsumerOptions } from '../consumer/types.ts'
import { partitionOf } from '../partitioner.ts'
import type { Handlers } from '../types.ts'
import { prefixedBinder } from './prefixed-binder.ts'
import { sampleCodec } from './sample-codec.ts'

type Basket = Handlers<'basket'>
export type OrderStartedHandler = Basket['orders']['OrderStarted']
export type PriceHandler = Basket['product-price-changes']['ProductPriceChanged']

export interface RigHandlers {
  readonly orderStarted?: OrderStartedHandler
  readonly priceChanged?: PriceHandler
}

/** A part's consumer (basket's: two topics in, checkouts out) with a database of its own, on topics of its own. */
export interface ConsumerRig extends AsyncDisposable {
  readonly database: TestDatabase
  readonly codec: Codec
  /** Another instance of the consumer, as another process would have it. Started; closed with the rig. */
  consumer(handlers: RigHandlers, options?: Partial<ConsumerOptions<'basket'>>): Consumer
  binder(): Binder
  /** Writes events to their topic as the relay would. Returns their ids. */
  send(topic: 'orders' | 'product-price-changes', ...events: readonly { readonly type: EventType }[]): Promise<string[]>
  sendRaw(topic: string, key: string, value: Buffer | null): Promise<void>
  count(sql: string): Promise<number>
}

export async function consumerRig(openBinder: () => Binder, log: Log = silentLog): Promise<ConsumerRig> {
  const prefix = `${randomName('rig')}-`
  const database = await testDatabase({
    migrations: [outboxMigrations, inboxMigrations, consumerMigrations],
    maxConnections: 20,
  })
  await database.query('create table effects (id bigint generated always as identity, key text, version int, by text)')
  const codec = await sampleCodec()
  const consumers: Consumer[] = []
  const binders: Binder[] = []

  function binder(): Binder {
    const opened = prefixedBinder(openBinder(), prefix)
    binders.push(opened)
    return opened
  }
  const own = binder()
  await own.provision(consumedTopics('basket').map((name) => ({ name, partitions: PARTITIONS })))

  const put = (topic: string, key: string, value: Buffer | null, headers = {}) =>
    own.produce([{ topic, partition: partitionOf(key, PARTITIONS), key, value: value as Buffer, headers }])

  return {
    database,
    codec,
    binder,

    consumer(handlers, options = {}) {
      const ignore = async () => ({ outcome: 'ignored', reason: 'not of interest here' }) as const
      const consumer = createConsumer('basket', {
        handlers: {
          orders: { OrderStarted: handlers.orderStarted ?? ignore },
          'product-price-changes': { ProductPriceChanged: handlers.priceChanged ?? ignore },
        },
        database,
        codec,
        binder: binder(),
        outbox: createOutbox('basket', codec),
        log,
        ...options,
        tuning: { backoffMs: 10, commitEveryMs: 20, ...options.tuning },
      })
      consumers.push(consumer)
      consumer.start()
      return consumer
    },

    async send(topic, ...events) {
      const ids: string[] = []
      const records = events.map((draft) => {
        const event = { eventId: newId(), occurredAt: Date.now(), ...draft } as EventInput
        ids.push(event.eventId)
        const key = 'orderId' in event ? String(event.orderId) : 'productId' in event ? event.productId : ''
        const headers = { ce_id: event.eventId, ce_correlationid: 'story', traceparent: '00-aa-bb-01' }
        return { topic, partition: partitionOf(key, PARTITIONS), key, value: codec.encode(event), headers }
      })
      await own.produce(records)
      return ids
    },

    sendRaw: (topic, key, value) => put(topic, key, value),

    async count(sql) {
      const [row] = await database.query<{ count: number }>(sql)
      return row?.count ?? 0
    },

    async [Symbol.asyncDispose]() {
      await Promise.all(consumers.map((consumer) => consumer.close()))
      await Promise.all(binders.map((opened) => opened.close()))
      await database.close()
    },
  }
}

/** Writes what it handled into the effects table. */
export const noteOrder: OrderStartedHandler = async ({ orderId, version }, { tx }) => {
  await tx.query('insert into effects (key, version) values ($1, $2)', [orderId, version])
  return { outcome: 'done' }
}
