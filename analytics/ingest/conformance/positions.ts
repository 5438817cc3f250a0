import { expect, it } from 'vitest'
import { eventually } from '#pipelines/testing/eventually.ts'
import { randomName } from '#pipelines/testing/names.ts'
import type { Taker } from '../source.ts'
import { Store, type Told } from './store.ts'
import { numbered, PATIENT, type World } from './world.ts'

/** Where it reads is what the taker says; how far the log goes is what it tells. */
export function keepsPositions(world: World): void {
  it('reads on from where the taker says, whatever Kafka was told', async () => {
    const read = await world.topic(2)
    await world.send(read, numbered(0, 20), 0)
    await world.send(read, numbered(0, 20), 1)
    const groupId = randomName('group')
    const first = world.source([read], groupId)
    const before = new Store()
    await first.start(before.member('one').taker)
    await eventually(() => before.count(read) === 40, PATIENT)
    await first.commit(
      new Map([
        [`${read}/0`, 20],
        [`${read}/1`, 20],
      ]),
    )
    const told = await world.admin.fetchOffsets({ groupId, topics: [read] })
    expect(told[0]?.partitions.map(({ offset }) => offset)).toEqual(['20', '20'])
    await first.close()
    const store = new Store()
    store.next.set(`${read}/0`, 5).set(`${read}/1`, 19)
    await world.source([read], groupId).start(store.member('two').taker)
    await eventually(() => store.count(read) === 16, PATIENT)
    expect(store.values(read, 0)).toEqual(numbered(5, 15))
    expect(store.values(read, 1)).toEqual(numbered(19, 1))
    expect(store.wrong).toEqual([])
  })

  it('asks again when the log does not hold the position any more', async () => {
    const read = await world.topic(1)
    await world.send(read, numbered(0, 30))
    const drop = (offset: number) =>
      world.admin.deleteTopicRecords({ topic: read, partitions: [{ partition: 0, offset: String(offset) }] })
    await drop(10)
    const store = new Store()
    store.next.set(`${read}/0`, 3)
    const member = store.member('one')
    const own = world.source([read])
    const { taker } = member
    const asking: Taker = {
      ...taker,
      async assigned(places) {
        // The second time as the ingest does: by what the log has.
        const from = await taker.assigned(places)
        if (member.given.length === 1) return from
        const [range] = await own.ranges([read])
        expect(range).toEqual({ topic: read, partition: 0, first: 10, end: 30 })
        return new Map([[`${read}/0`, 10]])
      },
    }
    await own.start(asking)
    await eventually(() => store.count(read) === 20, PATIENT)
    expect(store.values(read, 0)).toEqual(numbered(10, 20))
    expect(member.given.length).toBeGreaterThan(1)
    expect([store.wrong, member.failures]).toEqual([[], []])
  })

  it('tells how many records wait behind those it hands over', async () => {
    const read = await world.topic(2)
    const [many, few] = [12_000, 7]
    // More than one answer carries: kafkajs is given a mebibyte of a place at a time.
    const long = (from: number) => numbered(from, 3_000).map((value) => value.padEnd(300, '.'))
    for (let from = 0; from < many; from += 3_000) await world.send(read, long(from), 0)
    await world.send(read, numbered(0, few), 1)
    const store = new Store()
    const member = store.member('one')
    await world.source([read]).start(member.taker)
    await eventually(() => store.count(read) === many + few, PATIENT)
    // All was there before: what waits is known exactly, and nothing at the end.
    const waiting = ({ partition, last }: Told) => (partition === 0 ? many : few) - 1 - last
    expect(member.told.map(({ behind }) => behind)).toEqual(member.told.map(waiting))
    expect(Math.max(...member.told.map(({ behind = 0 }) => behind))).toBeGreaterThan(1_000)
  })
}
