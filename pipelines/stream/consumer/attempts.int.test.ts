import { afterEach, describe, expect, it } from 'vitest'
import { PARTITIONS } from '#pipelines/flow/map.ts'
import { CodedError, Unavailable } from '#pipelines/kernel/errors.ts'
import { newId } from '#pipelines/kernel/ids.ts'
import { eventually } from '#pipelines/testing/eventually.ts'
import { memoryBinder } from '../binders/memory/binder.ts'
import { type MemoryBroker, memoryBroker } from '../binders/memory/broker.ts'
import { partitionOf } from '../partitioner.ts'
import { type ConsumerRig, consumerRig, noteOrder } from '../testing/consumer-rig.ts'
import { sample } from '../testing/sample-events.ts'
import { ignored, retry } from '../types.ts'

describe('attempts of a record', () => {
  let rig: ConsumerRig
  let broker: MemoryBroker
  afterEach(() => rig[Symbol.asyncDispose]())
  const begin = async () => {
    broker = memoryBroker()
    rig = await consumerRig(() => memoryBinder(broker))
    return rig
  }
  const effects = () =>
    rig.database.query<{ key: string; version: number }>('select key, version from effects order by id')

  it('tries an unknown error five times, then dead-letters with the stack, and goes on with the key', async () => {
    const { send, consumer, count, database } = await begin()
    const orderId = newId()
    const attempts: number[] = []
    consumer({
      orderStarted: async (event, context) => {
        if (event.version > 1) return noteOrder(event, context)
        attempts.push(context.delivery.attempt)
        await noteOrder(event, context)
        throw new TypeError('undefined is not a function, card 4111 1111 1111 1111')
      },
    })
    await send('orders', sample.orderStarted(orderId, 1), sample.orderStarted(orderId, 2))
    await eventually(async () => (await effects()).length === 1)
    expect(attempts).toEqual([1, 2, 3, 4, 5])
    const [row] = await database.query('select code, reason, stack, attempts from dead_letters')
    expect(row).toMatchObject({
      code: 'UNKNOWN_ERROR',
      reason: 'undefined is not a function, card [card]',
      attempts: 5,
    })
    expect(row?.stack).toContain('attempts.int.test.ts')
    expect(row?.stack).not.toContain('4111')
    expect(await count('select count(*) from consumer_attempts')).toBe(0)
  })

  it('counts a retry asked for, and forgets the count with success', async () => {
    const { send, consumer, count } = await begin()
    consumer({
      orderStarted: async (event, context) =>
        context.delivery.attempt < 4 ? retry('its basket is not known yet') : noteOrder(event, context),
    })
    await send('orders', sample.orderStarted(newId()))
    await eventually(async () => (await effects()).length === 1)
    expect(await count('select count(*) from consumer_attempts')).toBe(0)
    expect(await count('select count(*) from dead_letters')).toBe(0)
  })

  it('goes on counting where the process before it stopped', async () => {
    const { send, consumer, count } = await begin()
    const attempts: number[] = []
    const failing = async (_: unknown, { delivery }: { delivery: { attempt: number } }) => {
      attempts.push(delivery.attempt)
      return retry('not yet')
    }
    const first = consumer({ orderStarted: failing }, { tuning: { backoffMs: 300 } })
    await send('orders', sample.orderStarted(newId()))
    await eventually(() => attempts.length === 2)
    await first.close()
    consumer({ orderStarted: failing })
    await eventually(async () => (await count('select count(*) from dead_letters')) > 0)
    expect(attempts).toEqual([1, 2, 3, 4, 5])
  })

  it('waits without end for a coded error that can help, and dead-letters one that cannot at once', async () => {
    const { send, consumer, count, database } = await begin()
    const [patient, hopeless] = [newId(), newId()]
    let left = 8
    consumer({
      orderStarted: async (event, context) => {
        if (event.orderId === hopeless) throw new CodedError('BASKET_BROKEN', 'never')
        if (left-- > 0) throw new CodedError('BASKET_LOCKED', 'later', { retriable: true })
        return noteOrder(event, context)
      },
    })
    await send('orders', sample.orderStarted(patient), sample.orderStarted(hopeless))
    await eventually(
      async () => (await effects()).length === 1 && (await count('select count(*) from dead_letters')) > 0,
    )
    const rows = await database.query('select code, attempts from dead_letters')
    expect(rows).toEqual([{ code: 'BASKET_BROKEN', attempts: 1 }])
  })

  it('dead-letters a record that kills the process, and no innocent one', async () => {
    const { send, consumer, count, database } = await begin()
    // In one partition: what is done before the killer comes again with it after each death, as its position was not committed.
    const [before, killer, after] = neighbours(3) as [string, string, string]
    await send(
      'orders',
      sample.orderStarted(before),
      sample.shipped(before),
      sample.orderStarted(killer),
      sample.orderStarted(after),
    )
    let deaths = 0
    for (; deaths < 20 && (await count('select count(*) from dead_letters')) === 0; deaths++) {
      const fatal = Promise.withResolvers<void>()
      // A handler that never comes back while its consumer is torn away is what a killed process leaves behind.
      consumer(
        {
          orderStarted: async (event, context) => {
            if (event.orderId !== killer) return noteOrder(event, context)
            fatal.resolve()
            await rigIsOver.promise
            throw new Unavailable('TEST_GONE', 'the process is gone')
          },
        },
        { tuning: { commitEveryMs: 60_000 } },
      )
      await Promise.race([
        fatal.promise,
        eventually(async () => (await count('select count(*) from dead_letters')) > 0),
      ])
      for (const group of broker.groupNames()) broker.crash(group)
      // With a process its connections die, and what it had open is rolled back.
      await database.query(
        `select pg_terminate_backend(pid) from pg_stat_activity
         where datname = current_database() and state = 'idle in transaction'`,
      )
    }
    rigIsOver.resolve()
    expect(deaths).toBeLessThanOrEqual(6)
    const rows = await database.query('select key, code, attempts from dead_letters')
    expect(rows).toEqual([{ key: killer, code: 'PROCESS_KILLED', attempts: 6 }])
    // The position was not committed, so all of them come once more.
    consumer({
      orderStarted: async (event, context) =>
        event.orderId === killer ? ignored('it is buried') : noteOrder(event, context),
    })
    await eventually(async () => (await effects()).length === 2)
    expect((await effects()).map(({ key }) => key).sort()).toEqual([before, after].sort())
    await eventually(async () => (await count('select count(*) from consumer_attempts')) === 0)
  })
})

/** Keys that are in one partition. */
function neighbours(number: number): string[] {
  const keys: string[] = []
  while (keys.length < number) {
    const key = newId()
    if (partitionOf(key, PARTITIONS) === partitionOf(keys[0] ?? key, PARTITIONS)) keys.push(key)
  }
  return keys
}

const rigIsOver = Promise.withResolvers<void>()
