import { expect, it } from 'vitest'
import { pause } from '#pipelines/kernel/lifecycle.ts'
import { eventually } from '#pipelines/testing/eventually.ts'
import { randomName } from '#pipelines/testing/names.ts'
import { Store } from './store.ts'
import { numbered, PATIENT, type World } from './world.ts'

/** A member of a group keeps its place, and hands over only what is its own. */
export function keepsMembership(world: World): void {
  it('waits while the taker has no room, keeps its place in the group, and then goes on', async () => {
    const read = await world.topic(2)
    const room = Promise.withResolvers<void>()
    let full = true
    const store = new Store()
    const member = store.member('one', { hold: () => (full ? room.promise : undefined) })
    await world.source([read]).start(member.taker)
    for (let i = 0; i < 20; i++) {
      await world.send(read, numbered(i * 50, 50), 0)
      await world.send(read, numbered(i * 50, 50), 1)
    }
    await eventually(() => member.alive >= 3, PATIENT)
    // One run of a place at a time, and nothing is kept meanwhile.
    expect(store.count(read)).toBe(0)
    expect(member.given).toHaveLength(1)
    full = false
    room.resolve()
    await eventually(() => store.count(read) === 2_000, { withinMs: 60_000 })
    for (const partition of [0, 1]) expect(store.values(read, partition)).toEqual(numbered(0, 1_000))
    expect([store.wrong, member.failures, member.given.length]).toEqual([[], [], 1])
  })

  it('hands partitions over and takes them back, never two at a time, with records coming all the while', async () => {
    const read = await world.topic(4)
    const groupId = randomName('group')
    const store = new Store()
    let sent = 0
    let sending = true
    const records = (async () => {
      for (; sending; sent += 40) {
        for (let partition = 0; partition < 4; partition++) await world.send(read, numbered(sent / 4, 10), partition)
        await pause(20)
      }
    })()
    const one = store.member('one')
    await world.source([read], groupId).start(one.taker)
    await eventually(() => store.count(read) > 0, PATIENT)
    const two = store.member('two')
    const second = world.source([read], groupId)
    await second.start(two.taker)
    const shared = () => one.given.at(-1)?.length === 2 && two.given.at(-1)?.length === 2
    await eventually(shared, { withinMs: 40_000, what: 'two partitions each' })
    const so = store.count(read)
    await eventually(() => store.count(read) > so + 200 && two.asked.size > 0, { withinMs: 30_000 })
    await second.close()
    await eventually(() => one.given.at(-1)?.length === 4, { withinMs: 40_000, what: 'all partitions again' })
    sending = false
    await records
    await eventually(() => store.count(read) === sent, { withinMs: 30_000, what: 'all records' })
    for (let partition = 0; partition < 4; partition++)
      expect(store.values(read, partition)).toEqual(numbered(0, sent / 4))
    expect([store.wrong, one.failures, two.failures]).toEqual([[], [], []])
  })

  it('ends while it fetches and while it waits for room, and hands nothing over after', async () => {
    const read = await world.topic(2)
    await world.send(read, numbered(0, 500), 0)
    const never = Promise.withResolvers<void>()
    const store = new Store()
    const member = store.member('one', { hold: () => never.promise })
    const own = world.source([read])
    await own.start(member.taker)
    await eventually(() => member.asked.size > 0, PATIENT)
    const closing = own.close()
    await world.send(read, numbered(0, 500), 1)
    never.resolve()
    await closing
    const kept = store.count(read)
    await pause(300)
    expect(store.count(read)).toBe(kept)
    expect(member.failures).toEqual([])
  })
}
