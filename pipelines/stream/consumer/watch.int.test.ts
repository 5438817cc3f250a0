import { afterEach, describe, expect, it } from 'vitest'
import { PARTITIONS } from '#pipelines/flow/map.ts'
import type { Database } from '#pipelines/kernel/database.ts'
import { Unavailable } from '#pipelines/kernel/errors.ts'
import { newId } from '#pipelines/kernel/ids.ts'
import { pause } from '#pipelines/kernel/lifecycle.ts'
import { eventually } from '#pipelines/testing/eventually.ts'
import { memoryBinder } from '../binders/memory/binder.ts'
import { type MemoryBroker, memoryBroker } from '../binders/memory/broker.ts'
import { partitionOf } from '../partitioner.ts'
import { type ConsumerRig, consumerRig, noteOrder } from '../testing/consumer-rig.ts'
import { sample } from '../testing/sample-events.ts'
import { retry } from '../types.ts'

describe('the status of a consumer', () => {
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

  it('joins anew and says it is not ready when a handler hangs, and is ready again after progress', async () => {
    const { send, consumer } = await begin()
    let hangs = true
    const hanging = Promise.withResolvers<void>()
    const subject = consumer(
      {
        orderStarted: async (event, context) => {
          if (!hangs) return noteOrder(event, context)
          await hanging.promise
          throw new Unavailable('TEST_OVER', 'too late')
        },
      },
      { tuning: { stallMs: 300 } },
    )
    await send('orders', sample.orderStarted(newId()))
    await eventually(() => subject.status().reason === 'LAG_WITHOUT_PROGRESS')
    expect(subject.status().ready).toBe(false)
    hangs = false
    hanging.resolve()
    await eventually(async () => (await effects()).length === 1)
    await eventually(() => subject.status().ready)
  })

  it('does not take a declared wait for a standstill', async () => {
    const { send, consumer } = await begin()
    const reasons = new Set<string | undefined>()
    const subject = consumer({ orderStarted: async () => retry('wait') }, { tuning: { stallMs: 100, backoffMs: 400 } })
    await send('orders', sample.orderStarted(newId()))
    const until = Date.now() + 1_000
    while (Date.now() < until) {
      reasons.add(subject.status().reason)
      await pause(20)
    }
    expect(reasons.has('LAG_WITHOUT_PROGRESS')).toBe(false)
  })

  it('stays ready through rebalances, as members come and go', async () => {
    const { consumer } = await begin()
    const subject = consumer({ orderStarted: noteOrder })
    await eventually(() => subject.status().ready)
    const seen = new Set<boolean>()
    const reasons = new Set<string | undefined>()
    const looking = setInterval(() => {
      seen.add(subject.status().ready)
      reasons.add(subject.status().reason)
    }, 0)
    for (let round = 0; round < 5; round++) {
      const other = consumer({ orderStarted: noteOrder })
      await eventually(() => other.status().ready)
      await other.close()
    }
    broker.goAway() // as long as it takes to be without partitions for certain
    await eventually(() => reasons.has('NOT_ASSIGNED'))
    broker.comeBack()
    await eventually(() => subject.status().reason === undefined)
    clearInterval(looking)
    expect([...seen]).toEqual([true])
  })

  it('is not ready when the broker stays away', async () => {
    const { send, consumer } = await begin()
    const subject = consumer({ orderStarted: noteOrder }, { tuning: { rejoinMs: 100 } })
    await eventually(() => subject.status().ready)
    broker.goAway()
    await eventually(() => !subject.status().ready)
    expect(subject.status().reason).toBe('NOT_ASSIGNED')
    broker.comeBack()
    await send('orders', sample.orderStarted(newId()))
    await eventually(async () => (await effects()).length === 1)
    expect(subject.status().ready).toBe(true)
  })

  it('forgets an outage whose record another instance has handled', async () => {
    const { send, consumer, database } = await begin()
    const away: Database = {
      ...database,
      query: (text, values) =>
        text.includes('consumer_starts')
          ? Promise.reject(new Unavailable('DATABASE_AWAY', 'for this one'))
          : database.query(text, values),
    }
    const cutOff = consumer({ orderStarted: noteOrder }, { database: away })
    await eventually(() => cutOff.status().ready)
    await send('orders', sample.orderStarted(keyIn(1)))
    await eventually(() => cutOff.status().reason === 'DATABASE_AWAY')
    consumer({ orderStarted: noteOrder }) // gets every second partition, 1 among them
    await eventually(async () => (await effects()).length === 1)
    expect(cutOff.status()).toMatchObject({ ready: true, reason: undefined })
  })
})

function keyIn(partition: number): string {
  for (;;) {
    const key = newId()
    if (partitionOf(key, PARTITIONS) === partition) return key
  }
}
