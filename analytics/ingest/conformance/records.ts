import { Producer } from '@platformatic/kafka'
import { Partitioners } from 'kafkajs'
import { expect, it } from 'vitest'
import { eventually } from '#pipelines/testing/eventually.ts'
import { randomName } from '#pipelines/testing/names.ts'
import type { Compression } from './compressions.ts'
import { Store } from './store.ts'
import { PATIENT, type World } from './world.ts'

/** Headers by bytes, as the writer wants them. */
function written<T extends { readonly headers: Readonly<Record<string, Buffer>> }>(message: T) {
  return {
    ...message,
    headers: new Map(Object.entries(message.headers).map(([key, value]) => [Buffer.from(key), value])),
  }
}

/** What is handed over is what lies in the log, and nothing else. */
export function readsRecords(world: World, compressions: readonly Compression[]): void {
  it.each(compressions)('gives each record once, in order and whole: %s', async (compression) => {
    const read = await world.topic()
    const at = Date.now() - 600_000 // a broker refuses times to come
    const messages = Array.from({ length: 300 }, (_, i) => ({
      topic: read,
      partition: i % 2,
      timestamp: BigInt(at + i * 7 - (i % 3) * 1_000),
      ...(i % 5 !== 0 && { key: Buffer.from(`key ${i}`) }),
      value: (i % 7 === 0 ? undefined : Buffer.from(`value ${i} ${'x'.repeat(i)}`)) as Buffer,
      headers: (i % 4 === 0 ? {} : { ce_id: Buffer.from(`id ${i}`), bytes: Buffer.from([0, 255, i % 256]) }) as Record<
        string,
        Buffer
      >,
    }))
    const writer = new Producer({ clientId: 'test', bootstrapBrokers: [...world.brokers] })
    world.add({ close: () => writer.close() })
    // One partition at a time: this writer sends all partitions again when one has no leader yet.
    for (const [, own] of Map.groupBy(messages, ({ partition }) => partition))
      for (let from = 0; from < own.length; from += 50)
        await writer.send({ messages: own.slice(from, from + 50).map(written), compression, acks: -1 })
    const store = new Store()
    await world.source([read]).start(store.member('one').taker)
    await eventually(() => expect(store.count(read)).toBe(300) ?? true, { withinMs: 60_000, what: 'all records' })
    for (const partition of [0, 1]) {
      const own = messages.filter((message) => message.partition === partition)
      const found = store.records.get(`${read}/${partition}`) ?? []
      expect(found.map(({ offset }) => offset)).toEqual(own.map((_, i) => i))
      expect(found.map(({ timestamp }) => timestamp)).toEqual(own.map(({ timestamp }) => Number(timestamp)))
      expect(found.map(({ key }) => key)).toEqual(own.map(({ key }) => key ?? null))
      expect(found.map(({ value }) => value)).toEqual(own.map(({ value }) => value ?? null))
      expect(
        found.map(({ headers }) =>
          Object.fromEntries(Object.entries(headers).map(([one, value]) => [one, Buffer.from(value as Buffer)])),
        ),
      ).toEqual(own.map(({ headers }) => headers))
    }
    expect(store.wrong).toEqual([])
  })

  it('passes over what was given up and what only marks the end of a transaction', async () => {
    const read = await world.topic(1)
    const writing = world.kafka.producer({
      transactionalId: randomName('tx'),
      idempotent: true,
      maxInFlightRequests: 1,
      createPartitioner: Partitioners.DefaultPartitioner,
    })
    await writing.connect()
    world.add({ close: () => writing.disconnect() })
    await world.send(read, ['before'])
    for (const [value, commit] of [
      ['kept', true],
      ['given up', false],
      ['kept, too', true],
    ] as const) {
      const transaction = await writing.transaction()
      await transaction.send({ topic: read, messages: [{ value, partition: 0 }] })
      await (commit ? transaction.commit() : transaction.abort())
    }
    await world.send(read, ['after'])
    const store = new Store()
    await world.source([read]).start(store.member('one').taker)
    await eventually(() => store.values(read, 0).at(-1) === 'after', PATIENT)
    expect(store.values(read, 0)).toEqual(['before', 'kept', 'kept, too', 'after'])
    const offsets = store.records.get(`${read}/0`)?.map(({ offset }) => offset) ?? []
    expect(offsets.slice(0, 2)).toEqual([0, 1])
    expect(offsets[2]).toBeGreaterThan(3) // behind a mark and what was given up
  })
}
