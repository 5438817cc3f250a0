import { expect, it } from 'vitest'
import { silentLog } from '#pipelines/kernel/log.ts'
import { createCodec } from '#schemas/codec/codec.ts'
import { RegistryUnavailable } from '#schemas/codec/errors.ts'
import { subjectOf } from '#schemas/codec/event-types.ts'
import { memoryRegistry } from '#schemas/codec/memory-registry.ts'
import { type EventType, eventSchemas } from '#schemas/generated/events.ts'
import { orderEvents } from '../testing/events.ts'
import { Batch } from './batch.ts'
import { runOfRecords } from './run-of-records.ts'
import type { RecordRun } from './source.ts'
import { createTaking } from './taking.ts'

const TYPES = ['OrderStarted', 'OrderStatusChangedToSubmitted', 'OrderStatusChangedToPaid'] as const
const STRANGER = JSON.stringify({ type: 'record', name: 'eshop.Stranger', fields: [{ name: 'a', type: 'int' }] })
const UNKNOWN_ID = 4711
/** A tenth of the time it may wait in earnest. */
const PATIENCE = { mostMs: 300, share: 0.1 }

/** Records, and a registry that answers as the test says. */
async function world() {
  const registry = memoryRegistry()
  for (const type of TYPES) await registry.register(subjectOf(type), eventSchemas[type].schema)
  const codec = createCodec({ registry })
  await codec.prepare(TYPES)
  const [, started, submitted, , , paid] = orderEvents('Paid')
  const events = { OrderStarted: started, OrderStatusChangedToSubmitted: submitted, OrderStatusChangedToPaid: paid }
  let answer: (id: number) => Promise<string | undefined> = (id) => registry.schemaOf(id)
  let asked = 0
  const batch = new Batch()
  const taking = createTaking({
    registry: {
      schemaOf: (id) => {
        asked++
        return answer(id)
      },
    },
    now: Date.now,
    log: silentLog,
    unknown: () => {},
    patience: PATIENCE,
  })
  const place = { topic: 'orders', partition: 0 }
  let offset = 0
  return {
    truth: (id: number) => registry.schemaOf(id),
    idOf: async (type: EventType) => (await registry.find(subjectOf(type), eventSchemas[type].schema))?.id ?? 0,
    answerBy(next: typeof answer) {
      answer = next
    },
    get asked() {
      return asked
    },
    value: (type: (typeof TYPES)[number]) => codec.encode(events[type] as never),
    run(values: readonly (Buffer | null)[], said?: string): RecordRun {
      const headers = said === undefined ? {} : { ce_type: Buffer.from(said) }
      return runOfRecords(values.map((value) => ({ offset: offset++, timestamp: 1, key: null, value, headers })))
    },
    /** Takes a run in, and tells how many records were read and how many are dead. */
    async take(run: RecordRun): Promise<{ read: number; dead: string[] }> {
      const before = batch.rows
      for (let i = 0; i < run.count; ) {
        i = taking.fill(batch, place, run, i)
        if (i < run.count)
          await taking.prepare(
            run,
            i,
            () => false,
            async () => {},
          )
      }
      const letters = batch.seal().dead?.toString().split('\n') ?? []
      const own = letters.map((line) => JSON.parse(line)).filter((row) => row.offset >= (run.offsets[0] as number))
      return { read: batch.rows - before - own.length, dead: own.map(({ code }) => code) }
    },
  }
}

const typeFor = 'OrderStarted'
/** What read no record is believed for half a second, so that not each one is a question. */
const askedAgain = () => new Promise((resolve) => setTimeout(resolve, 600))

it('asks the registry once for a schema that reads its records', async () => {
  const { take, run, value, ...w } = await world()
  const values = Array.from({ length: 100 }, () => value(typeFor))
  expect(await take(run(values, typeFor))).toEqual({ read: 100, dead: [] })
  const asked = () => w.asked
  const so = asked()
  expect(await take(run(values, typeFor))).toEqual({ read: 100, dead: [] })
  expect(asked()).toBe(so)
})

it.each([
  ['does not know the id yet', async () => undefined],
  ['gives the schema of a stranger', async () => STRANGER],
  ['gives the schema of another event of ours', async () => eventSchemas.OrderStatusChangedToPaid.schema],
])('reads all records though the registry %s at first', async (_what, wrong) => {
  const { take, run, value, truth, answerBy } = await world()
  let asked = 0
  answerBy((id) => (++asked <= 2 ? wrong() : truth(id)))
  expect(await take(run([value(typeFor), value(typeFor)], typeFor))).toEqual({ read: 2, dead: [] })
})

it.each([
  ['EVENT_SCHEMA_UNKNOWN', async () => undefined],
  ['EVENT_TYPE_DIFFERS', async () => STRANGER],
  ['EVENT_TYPE_DIFFERS', async () => eventSchemas.OrderStatusChangedToPaid.schema],
])(
  'waits a while for a registry that stays wrong (%s), once for many records, and reads what comes when it is right',
  async (code, wrong) => {
    const { take, run, value, truth, answerBy } = await world()
    answerBy(wrong)
    const began = performance.now()
    const dead = Array.from({ length: 50 }, () => code)
    expect(await take(run(Array(50).fill(value(typeFor)), typeFor))).toEqual({ read: 0, dead })
    const took = performance.now() - began
    expect(took).toBeGreaterThan(PATIENCE.mostMs * 0.8)
    expect(took).toBeLessThan(PATIENCE.mostMs * 10)
    answerBy(truth)
    // What refused the last ones is believed for half a second, so that not each record is a question.
    await new Promise((resolve) => setTimeout(resolve, 600))
    expect(await take(run([value(typeFor)], typeFor))).toEqual({ read: 1, dead: [] })
  },
)

it('asks little about records of an event that nobody here knows, and does not wait for them', async () => {
  const w = await world()
  w.answerBy(async () => STRANGER)
  const began = performance.now()
  const { dead } = await w.take(w.run(Array(200).fill(w.value(typeFor)), 'Stranger'))
  const seconds = (performance.now() - began) / 1_000
  expect(dead).toEqual(Array(200).fill('EVENT_TYPE_UNKNOWN'))
  expect(w.asked).toBeLessThanOrEqual(2 + 2 * seconds)
})

it('asks little about a schema that reads none of its records', async () => {
  const w = await world()
  const cut = w.value(typeFor).subarray(0, 30)
  const began = performance.now()
  const { dead } = await w.take(w.run(Array(200).fill(cut), typeFor))
  const seconds = (performance.now() - began) / 1_000
  expect(dead).toEqual(Array(200).fill('EVENT_TRUNCATED'))
  expect(w.asked).toBeLessThanOrEqual(2 + 2 * seconds)
})

it('does not wait for an id nobody gave out, when the record does not say that it is an event of ours', async () => {
  const w = await world()
  const strange = Buffer.from(w.value(typeFor))
  strange.writeInt32BE(UNKNOWN_ID, 1)
  const began = performance.now()
  expect((await w.take(w.run(Array(20).fill(strange)))).dead).toEqual(Array(20).fill('EVENT_SCHEMA_UNKNOWN'))
  expect(performance.now() - began).toBeLessThan(PATIENCE.mostMs)
})

it.each([0, -1, -0x8000_0000])('asks no registry for the id %i, which none gives out', async (id) => {
  const w = await world()
  w.answerBy(() => Promise.reject(new RegistryUnavailable({ url: 'http://registry.test' })))
  const corrupt = Buffer.from(w.value(typeFor))
  corrupt.writeInt32BE(id, 1)
  expect((await w.take(w.run([corrupt, corrupt], typeFor))).dead).toEqual(Array(2).fill('EVENT_SCHEMA_UNKNOWN'))
  expect(w.asked).toBe(0)
})

it('does not believe a schema for what read no record: the next record asks again', async () => {
  const w = await world()
  const cut = w.value(typeFor).subarray(0, 30)
  // Of another copy: it names the event rightly, and expects more than there is.
  const { fields, ...other } = JSON.parse(eventSchemas[typeFor].schema)
  const more = { name: 'giftMessage', type: ['null', 'string'], default: null }
  w.answerBy(async () => JSON.stringify({ ...other, fields: [...fields, more] }))
  expect((await w.take(w.run([w.value(typeFor)], typeFor))).dead).toHaveLength(1)
  w.answerBy(w.truth)
  await askedAgain()
  expect(await w.take(w.run([cut, w.value(typeFor), cut, w.value(typeFor)], typeFor))).toMatchObject({ read: 2 })
  const so = w.asked
  expect(await w.take(w.run([cut, w.value(typeFor)], typeFor))).toMatchObject({ read: 1 })
  expect(w.asked).toBe(so)
})
