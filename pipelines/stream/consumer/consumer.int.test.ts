import { afterEach, describe, expect, inject, it } from 'vitest'
import { CodedError, Unavailable } from '#pipelines/kernel/errors.ts'
import { newId } from '#pipelines/kernel/ids.ts'
import { pause } from '#pipelines/kernel/lifecycle.ts'
import { silentLog } from '#pipelines/kernel/log.ts'
import { eventually } from '#pipelines/testing/eventually.ts'
import { kafkajsBinder } from '../binders/kafkajs/binder.ts'
import { memoryBinder } from '../binders/memory/binder.ts'
import { type MemoryBroker, memoryBroker } from '../binders/memory/broker.ts'
import { type ConsumerRig, consumerRig, noteOrder } from '../testing/consumer-rig.ts'
import { sample } from '../testing/sample-events.ts'
import { deadLetter, done, ignored } from '../types.ts'

const brokers = {
  memory(broker: MemoryBroker = memoryBroker()) {
    return () => memoryBinder(broker)
  },
  kafkajs() {
    return () => kafkajsBinder({ brokers: inject('kafkaBrokers'), clientId: 'consumer-test', log: silentLog })
  },
}

describe.each(['memory', 'kafkajs'] as const)('a consumer on %s', (name) => {
  let rig: ConsumerRig
  afterEach(() => rig[Symbol.asyncDispose]())
  const begin = async () => {
    rig = await consumerRig(brokers[name]())
    return rig
  }
  const effects = () =>
    rig.database.query<{ key: string; version: number }>('select key, version from effects order by id')

  it('commits inbox row, effect and published events together, then kicks the relay', async () => {
    const { send, consumer, count, database } = await begin()
    const orderId = newId()
    let kicks = 0
    consumer(
      {
        orderStarted: async (event, context) => {
          await context.publish(sample.checkout(event.orderId))
          return noteOrder(event, context)
        },
      },
      { onPublished: () => void kicks++ },
    )
    const [eventId] = await send('orders', sample.orderStarted(orderId))
    await eventually(() => kicks === 1)
    expect(await effects()).toEqual([{ key: orderId, version: 1 }])
    expect(
      await count(
        `select count(*) from inbox where consumer = 'basket' and event_id = '${eventId}' and state = 'DONE'`,
      ),
    ).toBe(1)
    const [row] = await database.query('select topic, key, event_type, headers from outbox')
    expect(row).toEqual({
      topic: 'order-checkouts',
      key: orderId,
      event_type: 'UserCheckoutAccepted',
      headers: { source: 'basket', correlationid: 'story', causationid: eventId, traceparent: '00-aa-bb-01' },
    })
  })

  it('has the effect of a repeated event once', async () => {
    const { send, consumer } = await begin()
    const event = { ...sample.orderStarted(newId()), eventId: newId() }
    const last = sample.orderStarted(event.orderId, 9)
    consumer({ orderStarted: noteOrder })
    await send('orders', event, event, event, last)
    await eventually(async () => (await effects()).length === 2)
    expect((await effects()).map(({ version }) => version)).toEqual([1, 9])
  })

  it('keeps the order of each key while other keys run beside a slow one', async () => {
    const { send, consumer } = await begin()
    const [slow, ...others] = Array.from({ length: 6 }, newId)
    const release = Promise.withResolvers<void>()
    consumer({
      orderStarted: async (event, context) => {
        if (event.orderId === slow && event.version === 1) await release.promise
        return noteOrder(event, context)
      },
    })
    const versions = [1, 2, 3, 4, 5]
    await send(
      'orders',
      ...versions.flatMap((version) => [slow as string, ...others].map((key) => sample.orderStarted(key, version))),
    )
    await eventually(async () => (await effects()).length === 25)
    expect((await effects()).some(({ key }) => key === slow)).toBe(false)
    release.resolve()
    await eventually(async () => (await effects()).length === 30)
    for (const key of [slow, ...others]) {
      const seen = (await effects()).filter((effect) => effect.key === key)
      expect(seen.map(({ version }) => version)).toEqual(versions)
    }
  })

  it('delivers again, to another instance, what a crashed one had in flight, with one effect', async () => {
    const { send, consumer, database } = await begin()
    const orderId = newId()
    const hanging = Promise.withResolvers<void>()
    const dying = consumer(
      {
        orderStarted: async () => {
          await hanging.promise
          throw new Unavailable('TEST_GONE', 'the process is gone')
        },
      },
      { tuning: { drainMs: 0 } },
    )
    await send('orders', sample.orderStarted(orderId), sample.orderStarted(orderId, 2))
    await eventually(async () => (await database.query('select * from consumer_starts')).length === 1)
    await dying.close()
    consumer({ orderStarted: noteOrder })
    hanging.resolve()
    await eventually(async () => (await effects()).length === 2)
    expect((await effects()).map(({ version }) => version)).toEqual([1, 2])
  })

  it('loses and doubles nothing when instances come and go with handlers in flight', async () => {
    const { send, consumer } = await begin()
    const keys = Array.from({ length: 20 }, newId)
    const orderStarted: typeof noteOrder = async (event, context) => {
      await pause(2)
      return noteOrder(event, context)
    }
    const first = consumer({ orderStarted })
    const sending = (async () => {
      for (let version = 1; version <= 20; version++) {
        await send('orders', ...keys.map((key) => sample.orderStarted(key, version)))
      }
    })()
    const second = consumer({ orderStarted })
    await eventually(() => second.status().partitions > 0)
    await first.close()
    consumer({ orderStarted })
    await sending
    await eventually(async () => (await effects()).length === 400, { withinMs: 60_000 })
    for (const key of keys) {
      const seen = (await effects()).filter((effect) => effect.key === key)
      expect(seen.map(({ version }) => version)).toEqual(Array.from({ length: 20 }, (_, i) => i + 1))
    }
  })

  it('finishes what is in flight on close, commits it, and the next one starts behind it', async () => {
    const { send, consumer, binder } = await begin()
    const started = Promise.withResolvers<void>()
    const release = Promise.withResolvers<void>()
    const closing = consumer({
      orderStarted: async (event, context) => {
        started.resolve()
        await release.promise
        return noteOrder(event, context)
      },
    })
    await send('orders', sample.orderStarted(newId()))
    await started.promise
    const closed = closing.close()
    release.resolve()
    await closed
    expect((await effects()).length).toBe(1)
    const lags = await binder().lag('basket', ['orders'])
    expect(lags.reduce((sum, { lag }) => sum + lag, 0)).toBe(0)
  })

  it('dead-letters the undecodable at once, with its bytes, and moves on', async () => {
    const { send, sendRaw, consumer, database } = await begin()
    const orderId = newId()
    consumer({ orderStarted: noteOrder })
    const junk = Buffer.from([7, 0, 255, 42])
    await sendRaw('orders', orderId, junk)
    await send('orders', sample.orderStarted(orderId))
    await eventually(async () => (await effects()).length === 1)
    const [row] = await database.query('select * from dead_letters')
    expect(row).toMatchObject({
      consumer: 'basket',
      topic: 'orders',
      offset: 0,
      key: orderId,
      event_id: null,
      attempts: 1,
      code: 'EVENT_NOT_FRAMED',
      state: 'OPEN',
    })
    expect(row?.payload).toEqual(junk)
  })

  it('rolls back a handler that dead-letters, publishes included, and notes the event as dead', async () => {
    const { send, consumer, count, database } = await begin()
    consumer({
      orderStarted: async (event, context) => {
        await noteOrder(event, context)
        await context.publish(sample.checkout(event.orderId))
        return deadLetter('its basket is nobody’s, paid with tok_visa')
      },
    })
    const [eventId] = await send('orders', sample.orderStarted(newId()))
    await eventually(async () => (await count('select count(*) from dead_letters')) > 0)
    expect(await effects()).toEqual([])
    expect(await count('select count(*) from outbox')).toBe(0)
    expect(await count(`select count(*) from inbox where event_id = '${eventId}' and state = 'DEAD'`)).toBe(1)
    const [row] = await database.query('select code, reason, event_type, attempts from dead_letters')
    expect(row).toEqual({
      code: 'REJECTED',
      reason: 'its basket is nobody’s, paid with [payment-token]',
      event_type: 'OrderStarted',
      attempts: 1,
    })
  })

  it('goes on after an outage however long, without a dead letter, in order', async () => {
    const { send, consumer, count } = await begin()
    const orderId = newId()
    let failures = 6
    consumer({
      orderStarted: async (event, context) => {
        if (failures-- > 0) throw new Unavailable('DATABASE_AWAY', 'not now')
        return noteOrder(event, context)
      },
    })
    await send('orders', sample.orderStarted(orderId, 1), sample.orderStarted(orderId, 2))
    await eventually(async () => (await effects()).length === 2, { withinMs: 60_000 })
    expect((await effects()).map(({ version }) => version)).toEqual([1, 2])
    expect(await count('select count(*) from dead_letters')).toBe(0)
    expect(await count('select count(*) from consumer_attempts')).toBe(0)
  })
})

describe('a consumer', () => {
  let rig: ConsumerRig
  afterEach(() => rig[Symbol.asyncDispose]())
  const begin = async () => {
    rig = await consumerRig(brokers.memory())
    return rig
  }
  const effects = () =>
    rig.database.query<{ key: string; version: number }>('select key, version from effects order by id')

  it('skips event types that its group has no handler for', async () => {
    const { send, consumer, count } = await begin()
    const orderId = newId()
    consumer({ orderStarted: noteOrder })
    await send('orders', sample.shipped(orderId), sample.orderStarted(orderId))
    await eventually(async () => (await effects()).length === 1)
    expect(await count('select count(*) from dead_letters')).toBe(0)
    expect(await count('select count(*) from inbox')).toBe(1)
  })

  it('keeps the effect of an ignored event out, and its inbox row', async () => {
    const { send, consumer, count } = await begin()
    consumer({ orderStarted: async () => ignored('already gone') })
    await send('orders', sample.orderStarted(newId()))
    await eventually(async () => (await count('select count(*) from inbox')) > 0)
    expect(await effects()).toEqual([])
  })

  it('begins no more than its window, and pauses the partition', async () => {
    const { send, consumer } = await begin()
    const release = Promise.withResolvers<void>()
    const begun = new Set<string>()
    consumer(
      {
        orderStarted: async (event, context) => {
          begun.add(event.orderId)
          await release.promise
          return noteOrder(event, context)
        },
      },
      { tuning: { maxUnfinished: 4, concurrency: 18 } },
    )
    await send('orders', ...Array.from({ length: 300 }, () => sample.orderStarted(newId())))
    await eventually(() => begun.size === 18)
    release.resolve()
    await eventually(async () => (await effects()).length === 300)
  })

  it('runs afterCommit work only after a commit', async () => {
    const { send, consumer, count } = await begin()
    const ran: string[] = []
    consumer({
      orderStarted: async (_, { afterCommit }) => {
        afterCommit(() => void ran.push('rolled back'))
        return deadLetter('no')
      },
      priceChanged: async (_, { afterCommit }) => {
        afterCommit(() => {
          throw new CodedError('TEST', 'harmless')
        })
        afterCommit(() => void ran.push('committed'))
        return done
      },
    })
    await send('orders', sample.orderStarted(newId()))
    await send('product-price-changes', sample.priceChanged(newId()))
    await eventually(async () => (await count('select count(*) from dead_letters')) === 1 && ran.length > 0)
    expect(ran).toEqual(['committed'])
  })
})
