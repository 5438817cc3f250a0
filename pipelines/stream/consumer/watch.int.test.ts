import { afterEach, describe, expect, it } from 'vitest'
import { Unavailable } from '#pipelines/kernel/errors.ts'
import { newId } from '#pipelines/kernel/ids.ts'
import { pause } from '#pipelines/kernel/lifecycle.ts'
import { eventually } from '#pipelines/testing/eventually.ts'
import { memoryBinder } from '../binders/memory/binder.ts'
import { type MemoryBroker, memoryBroker } from '../binders/memory/broker.ts'
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
})
