import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { Unavailable } from '#pipelines/kernel/errors.ts'
import { eventually } from '#pipelines/testing/eventually.ts'
import { randomName } from '#pipelines/testing/names.ts'
import { recorder } from '../testing/recorder.ts'
import type { Binder, ProducerRecord, TopicPartition } from './types.ts'

/** A client of the one broker under test, as a process of its own would have it. */
export interface Client {
  readonly binder: Binder
  /** Cuts this client off for good, as if its process were killed: it commits and says nothing more. */
  vanish(group: string): void
}

export interface BinderHarness {
  open(): Client
  /** The broker is gone for all clients, and back. */
  goAway(): void
  comeBack(): void
  close(): Promise<void>
}

const PARTITIONS = 3

/** What every binder must do. */
export function binderConformance(name: string, makeHarness: () => Promise<BinderHarness>): void {
  describe(`${name} binder`, () => {
    let harness: BinderHarness
    const opened: Binder[] = []
    beforeAll(async () => {
      harness = await makeHarness()
    })
    afterEach(async () => {
      await Promise.all(opened.splice(0).map((binder) => binder.close()))
    })
    afterAll(() => harness.close())

    function open(): Client {
      const client = harness.open()
      opened.push(client.binder)
      return client
    }

    async function freshTopic(binder: Binder): Promise<string> {
      const topic = randomName('topic')
      await binder.provision([{ name: topic, partitions: PARTITIONS }])
      return topic
    }

    function records(topic: string, ...texts: string[]): ProducerRecord[] {
      return texts.map((text, i) => ({
        topic,
        partition: i % PARTITIONS,
        key: `key-${i % PARTITIONS}`,
        value: Buffer.from(text),
        headers: { ce_id: text, traceparent: '00-1-2-01' },
      }))
    }

    it('reads back what was produced: bytes, key, headers, partition, and offsets from 0', async () => {
      const { binder } = open()
      const topic = await freshTopic(binder)
      const value = Buffer.from([0, 255, 1, 128])
      await binder.produce([{ topic, partition: 2, key: 'ключ', value, headers: { a: 'ä' } }])
      const seen = recorder()
      binder.subscribe({ group: randomName('group'), topics: [topic], subscriber: seen.subscriber })
      await eventually(() => seen.records.length === 1)
      expect(seen.records[0]).toMatchObject({
        topic,
        partition: 2,
        offset: '0',
        key: 'ключ',
        value,
        headers: { a: 'ä' },
      })
      expect(Math.abs(Date.now() - (seen.records[0]?.timestamp ?? 0))).toBeLessThan(60_000)
    })

    it('keeps the order within a partition over many sends', async () => {
      const { binder } = open()
      const topic = await freshTopic(binder)
      const seen = recorder()
      binder.subscribe({ group: randomName('group'), topics: [topic], subscriber: seen.subscriber })
      const sends = Array.from({ length: 20 }, (_, i) =>
        binder.produce(
          Array.from({ length: 10 }, (_, j) => ({
            ...(records(topic, `${i * 10 + j}`)[0] as ProducerRecord),
            partition: 1,
          })),
        ),
      )
      await Promise.all(sends)
      await eventually(() => seen.records.length === 200)
      expect(seen.texts()).toEqual(Array.from({ length: 200 }, (_, i) => String(i)))
    })

    it('gives every group everything, and every record to one member of a group', async () => {
      const [one, two] = [open().binder, open().binder]
      const topic = await freshTopic(one)
      const group = randomName('group')
      const [a, b, other] = [recorder(), recorder(), recorder()]
      one.subscribe({ group, topics: [topic], subscriber: a.subscriber })
      two.subscribe({ group, topics: [topic], subscriber: b.subscriber })
      one.subscribe({ group: randomName('group'), topics: [topic], subscriber: other.subscriber })
      await eventually(() => sharesAll(a.assignments.at(-1), b.assignments.at(-1)))
      await one.produce(records(topic, '0', '1', '2', '3', '4', '5'))
      await eventually(() => a.records.length + b.records.length === 6 && other.records.length === 6)
      expect([...a.texts(), ...b.texts()].sort()).toEqual(['0', '1', '2', '3', '4', '5'])
      expect(a.records.length).toBeGreaterThan(0)
      expect(b.records.length).toBeGreaterThan(0)
    })

    it('begins at the start of a topic without a position, and after it at the committed one', async () => {
      const { binder } = open()
      const topic = await freshTopic(binder)
      const group = randomName('group')
      await binder.produce(records(topic, 'a', 'b', 'c'))
      const first = recorder()
      const subscription = binder.subscribe({ group, topics: [topic], subscriber: first.subscriber })
      await eventually(() => first.records.length === 3)
      await subscription.commit([{ topic, partition: 0, offset: '1' }])
      await subscription.close()
      const second = recorder()
      binder.subscribe({ group, topics: [topic], subscriber: second.subscriber })
      await eventually(() => second.records.length === 2)
      expect(second.texts().sort()).toEqual(['b', 'c'])
    })

    it('delivers again what a vanished member had not committed', async () => {
      const doomed = open()
      const { binder } = open()
      const topic = await freshTopic(binder)
      const group = randomName('group')
      await binder.produce(records(topic, 'a', 'b', 'c', 'd'))
      const first = recorder()
      const subscription = doomed.binder.subscribe({ group, topics: [topic], subscriber: first.subscriber })
      await eventually(() => first.records.length === 4)
      await subscription.commit([{ topic, partition: 0, offset: '1' }])
      doomed.vanish(group)
      const second = recorder()
      binder.subscribe({ group, topics: [topic], subscriber: second.subscriber })
      await eventually(() => second.records.length === 3, { withinMs: 30_000 })
      expect(second.texts().sort()).toEqual(['b', 'c', 'd'])
    })

    it('revokes before it assigns anew, when a member comes and when one leaves', async () => {
      const [one, two] = [open().binder, open().binder]
      const topic = await freshTopic(one)
      const group = randomName('group')
      const [a, b] = [recorder(), recorder()]
      one.subscribe({ group, topics: [topic], subscriber: a.subscriber })
      await eventually(() => a.assignments.at(-1)?.length === PARTITIONS)
      const leaving = two.subscribe({ group, topics: [topic], subscriber: b.subscriber })
      await eventually(() => sharesAll(a.assignments.at(-1), b.assignments.at(-1)))
      expect(a.assignments.at(-1)?.length).toBeLessThan(PARTITIONS)
      await leaving.close()
      await eventually(() => a.assignments.at(-1)?.length === PARTITIONS)
      for (let i = 1; i < a.calls.length; i++) {
        if (a.calls[i] === 'assigned') expect(a.calls[i - 1]).toBe('revoked')
      }
    })

    it('commits only positions of partitions it has', async () => {
      const [one, two] = [open().binder, open().binder]
      const topic = await freshTopic(one)
      const group = randomName('group')
      await one.produce(records(topic, 'a', 'b', 'c'))
      const [a, b] = [recorder(), recorder()]
      const first = one.subscribe({ group, topics: [topic], subscriber: a.subscriber })
      two.subscribe({ group, topics: [topic], subscriber: b.subscriber })
      await eventually(() => sharesAll(a.assignments.at(-1), b.assignments.at(-1)))
      await first.commit([0, 1, 2].map((partition) => ({ topic, partition, offset: '1' })))
      const lags = await one.lag(group, [topic])
      const committed = lags.filter((each) => each.committed === '1').map(({ partition }) => partition)
      expect(committed).toEqual(
        a.assignments
          .at(-1)
          ?.map(({ partition }) => partition)
          .sort(),
      )
    })

    it('holds back a paused partition, not the others, and goes on where it was', async () => {
      const { binder } = open()
      const topic = await freshTopic(binder)
      const seen = recorder()
      const subscription = binder.subscribe({
        group: randomName('group'),
        topics: [topic],
        subscriber: seen.subscriber,
      })
      await eventually(() => seen.assignments.length === 1)
      subscription.pause([{ topic, partition: 1 }])
      await binder.produce(records(topic, '0', '1', '2'))
      await eventually(() => seen.records.length === 2)
      await binder.produce(records(topic, '3', '4', '5'))
      await eventually(() => seen.records.length === 4)
      expect(seen.texts().sort()).toEqual(['0', '2', '3', '5'])
      subscription.resume([{ topic, partition: 1 }])
      await eventually(() => seen.records.length === 6)
      expect(seen.texts().slice(4)).toEqual(['1', '4'])
    })

    it('reads again from where it is sought', async () => {
      const { binder } = open()
      const topic = await freshTopic(binder)
      const seen = recorder()
      const subscription = binder.subscribe({
        group: randomName('group'),
        topics: [topic],
        subscriber: seen.subscriber,
      })
      await binder.produce(
        ['a', 'b', 'c'].map((text) => ({ ...(records(topic, text)[0] as ProducerRecord), partition: 0 })),
      )
      await eventually(() => seen.records.length === 3)
      subscription.seek({ topic, partition: 0, offset: '1' })
      await eventually(() => seen.records.length === 5)
      expect(seen.texts()).toEqual(['a', 'b', 'c', 'b', 'c'])
    })

    it('outlives a broker that goes and comes back, on both sides', async () => {
      const { binder } = open()
      const topic = await freshTopic(binder)
      const seen = recorder()
      const group = randomName('group')
      binder.subscribe({ group, topics: [topic], subscriber: seen.subscriber })
      await binder.produce(records(topic, 'before'))
      await eventually(() => seen.records.length === 1)
      harness.goAway()
      try {
        await expect(binder.produce(records(topic, 'meanwhile'))).rejects.toThrow(Unavailable)
        await expect(binder.lag(group, [topic])).rejects.toThrow(Unavailable)
        await eventually(() => seen.calls.at(-1) === 'revoked', { withinMs: 60_000 })
      } finally {
        harness.comeBack()
      }
      await eventually(() => binder.produce(records(topic, 'after')).then(() => true), { withinMs: 30_000 })
      await eventually(() => seen.texts().includes('after'), { withinMs: 30_000 })
    })

    it('refuses a topic that does not exist, and takes the next records', async () => {
      const { binder } = open()
      const topic = await freshTopic(binder)
      await expect(binder.produce(records(randomName('missing'), 'x'))).rejects.toMatchObject({
        code: 'PRODUCE_REFUSED',
      })
      await binder.produce(records(topic, 'y'))
      const [lag] = await binder.lag(randomName('group'), [topic])
      expect(lag?.end).toBe('1')
    })

    it('counts lag from the committed position, or from the start', async () => {
      const { binder } = open()
      const topic = await freshTopic(binder)
      const group = randomName('group')
      await binder.produce(records(topic, 'a', 'b', 'c', 'd'))
      const seen = recorder()
      const subscription = binder.subscribe({ group, topics: [topic], subscriber: seen.subscriber })
      await eventually(() => seen.records.length === 4)
      await subscription.commit([{ topic, partition: 0, offset: '1' }])
      const lags = await binder.lag(group, [topic])
      expect(lags.map(({ partition, committed, end, lag }) => [partition, committed, end, lag])).toEqual([
        [0, '1', '2', 1],
        [1, undefined, '1', 1],
        [2, undefined, '1', 1],
      ])
    })

    it('provisions what is missing, leaves the rest, and describes it', async () => {
      const { binder } = open()
      const [bounded, unlimited] = [randomName('topic'), randomName('topic')]
      const specs = [
        { name: bounded, partitions: 2, retentionMs: 86_400_000 },
        { name: unlimited, partitions: 4 },
      ]
      expect(await binder.provision(specs.slice(0, 1))).toEqual([bounded])
      expect(await binder.provision(specs)).toEqual([unlimited])
      const found = await eventually(async () => {
        const topics = await binder.describe([bounded, unlimited, randomName('missing')])
        return topics.length === 2 && topics
      })
      expect(found.find(({ name }) => name === bounded)).toMatchObject({
        partitions: 2,
        retentionMs: 86_400_000,
        cleanupPolicy: 'delete',
      })
      expect(found.find(({ name }) => name === unlimited)).toMatchObject({
        partitions: 4,
        retentionMs: undefined,
        cleanupPolicy: 'delete',
      })
    })
  })
}

/** Whether two members have all partitions between them, each some and none twice. */
function sharesAll(a: readonly TopicPartition[] = [], b: readonly TopicPartition[] = []): boolean {
  const all = [...a, ...b].map(({ partition }) => partition)
  return a.length > 0 && b.length > 0 && all.length === PARTITIONS && new Set(all).size === PARTITIONS
}
