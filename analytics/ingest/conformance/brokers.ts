import { expect, it } from 'vitest'
import { pause } from '#pipelines/kernel/lifecycle.ts'
import { eventually } from '#pipelines/testing/eventually.ts'
import type { SecuredKafka } from '../../testing/secured-kafka.ts'
import type { BrokerConnection } from '../broker-connection.ts'
import { Store } from './store.ts'
import { numbered, PATIENT, type World } from './world.ts'

/** It goes on when its broker does. */
export function outlivesBroker(
  world: World,
  kafka: () => SecuredKafka,
  { killed, silent }: { killed: boolean; silent: boolean },
): void {
  it.runIf(killed)('goes on after the broker was killed and came back', async () => {
    const read = await world.topic(2)
    await world.send(read, numbered(0, 50), 0)
    const store = new Store()
    const member = store.member('one')
    await world.source([read]).start(member.taker)
    await eventually(() => store.count(read) === 50, PATIENT)
    await kafka().restart(300)
    await eventually(() => world.send(read, numbered(0, 50), 1).then(() => true), { withinMs: 60_000 })
    await eventually(() => store.count(read) >= 100, { withinMs: 60_000, what: 'the records after the restart' })
    await world.send(read, ['last'], 0)
    await eventually(() => store.values(read, 0).at(-1) === 'last', { withinMs: 30_000 })
    expect(store.values(read, 0)).toEqual([...numbered(0, 50), 'last'])
    expect([store.wrong, member.failures]).toEqual([[], []])
  })

  it.runIf(silent).each(['plain', 'TLS'])('goes on after the broker said nothing for 20 s: %s', async (way) => {
    const read = await world.topic(2)
    await world.send(read, numbered(0, 50), 0)
    const store = new Store()
    const member = store.member('one')
    const connection = way === 'TLS' ? secured(kafka()) : undefined
    await world.source([read], undefined, connection).start(member.taker)
    await eventually(() => store.count(read) === 50, PATIENT)
    const thaw = kafka().freeze()
    try {
      // Longer than anybody waits for an answer (15 s), and than the broker waits for a member's heartbeat (6 s).
      await pause(20_000)
    } finally {
      thaw()
    }
    await eventually(() => world.send(read, numbered(0, 50), 1).then(() => true), PATIENT)
    await world.send(read, ['last'], 0)
    await eventually(() => store.count(read) === 101, { withinMs: 60_000, what: 'the records after the silence' })
    expect(store.values(read, 0)).toEqual([...numbered(0, 50), 'last'])
    expect(store.values(read, 1)).toEqual(numbered(0, 50))
    expect([store.wrong, member.failures]).toEqual([[], []])
  })
}

/** It comes in where brokers want TLS and a login. */
export function logsIn(world: World, kafka: () => SecuredKafka): void {
  it('reads a cluster that wants TLS and a login', async () => {
    const read = await world.topic(1)
    await world.send(read, ['one', 'two'])
    const own = world.source([read], undefined, secured(kafka()))
    const store = new Store()
    await own.start(store.member('one').taker)
    await eventually(() => store.count(read) === 2, PATIENT)
    expect(store.values(read, 0)).toEqual(['one', 'two'])
    expect(await own.ranges([read])).toEqual([{ topic: read, partition: 0, first: 0, end: 2 }])
  })
}

function secured({ securedBroker, certificate, username, password }: SecuredKafka): BrokerConnection {
  const sasl = { mechanism: 'plain', username, password } as const
  return { brokers: [securedBroker], ssl: { ca: certificate }, sasl }
}
