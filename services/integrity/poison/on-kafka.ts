import { Kafka, logLevel } from 'kafkajs'
import pg from 'pg'
import { expect } from 'vitest'
import { PARTITIONS, type Part, type TopicName, topics } from '#pipelines/flow/map.ts'
import type { Closable } from '#pipelines/kernel/lifecycle.ts'
import { readSettings } from '#pipelines/local/settings.ts'
import { partitionOf } from '#pipelines/stream/partitioner.ts'
import { eventually } from '#pipelines/testing/eventually.ts'
import { createCodec } from '#schemas/codec/codec.ts'
import { type EventInput, eventTypes, type ShopEvent } from '#schemas/generated/events.ts'
import type { Endpoints } from '#services/e2e/rest/endpoints.ts'
import { localAddresses } from '../chaos/local-addresses.ts'
import { expectFate, type Letter, WITHIN_MS } from './fates.ts'
import type { Poison } from './poisons.ts'

/** Who keeps dead letters in a database of its own. Analytics keeps its in ClickHouse. */
const KEEPERS: readonly Part[] = ['basket', 'catalog', 'ordering', 'payment', 'tasks']

/** Writes poison into the topics of a running shop, all into the partition of one key, and says what became of it. */
export interface Poisoner extends Closable {
  encode(event: ShopEvent): Buffer
  /** Writes the poisons and, behind them, an event under the key itself. Returns the offset of the first. */
  write(topic: TopicName, poisons: readonly Poison[], neighbour?: ShopEvent): Promise<number>
  /** Whoever reads the topic has handled the event, in time. */
  expectHandled(topic: TopicName, event: ShopEvent): Promise<void>
  /** Whoever reads the topic has one dead letter of each poison, its bytes and reason, and stands behind them, in time since `begun`. */
  expectPutAside(topic: TopicName, first: number, poisons: readonly Poison[], begun: number): Promise<void>
  /** Analytics has each record once, and of those that nobody can read reason and bytes. */
  expectStored(topic: TopicName, first: number, poisons: readonly Poison[]): Promise<void>
}

export async function openPoisoner(
  { env, endpoints }: { env: Readonly<Record<string, string>>; endpoints: Endpoints },
  key: string,
): Promise<Poisoner> {
  const addresses = localAddresses(readSettings({ ...process.env, ...env }))
  const partition = partitionOf(key, PARTITIONS)
  const codec = createCodec({ registryUrl: addresses.registryUrl })
  await codec.prepare(eventTypes)
  const kafka = new Kafka({ brokers: [addresses.brokers], logLevel: logLevel.NOTHING })
  const [producer, admin] = [kafka.producer(), kafka.admin()]
  await Promise.all([producer.connect(), admin.connect()])
  const pools = new Map(
    KEEPERS.map((name) => [name, new pg.Pool({ connectionString: addresses.database(name), max: 2 })]),
  )
  const readersOf = (topic: TopicName) =>
    KEEPERS.filter((part) => (topics[topic].consumers as readonly Part[]).includes(part))
  const rowsOf = async <R extends pg.QueryResultRow>(part: Part, text: string, values: unknown[]): Promise<R[]> =>
    (await pools.get(part)?.query<R>(text, values))?.rows ?? []
  const encode = (event: ShopEvent) => codec.encode(event as EventInput)

  async function positionOf(part: Part, topic: TopicName): Promise<number> {
    const [found] = await admin.fetchOffsets({ groupId: part, topics: [topic] })
    return Number(found?.partitions.find((one) => one.partition === partition)?.offset ?? -1)
  }

  async function stored(query: string): Promise<readonly { at: string; reason: string; payload: string | null }[]> {
    const answer = await fetch(`${endpoints.clickhouse}/?user=ingest`, { method: 'POST', body: `${query} format JSON` })
    return ((await answer.json()) as { data: { at: string; reason: string; payload: string | null }[] }).data
  }

  return {
    encode,

    async write(topic, poisons, neighbour) {
      const messages = poisons.map(({ key, value }) => ({ key, value, partition }))
      if (neighbour) messages.push({ key, value: encode(neighbour), partition })
      const [written] = await producer.send({ topic, messages, acks: -1 })
      return Number(written?.baseOffset)
    },

    async expectHandled(topic, { eventId }) {
      for (const part of readersOf(topic)) {
        const text = "select 1 from inbox where consumer = $1 and event_id = $2 and state = 'DONE'"
        await eventually(async () => (await rowsOf(part, text, [part, eventId])).length === 1, {
          withinMs: WITHIN_MS,
          what: `${part} handles the neighbour`,
        })
      }
    },

    async expectPutAside(topic, first, poisons, begun) {
      for (const part of readersOf(topic)) {
        await eventually(async () => (await positionOf(part, topic)) >= first + poisons.length, {
          withinMs: Math.max(1, WITHIN_MS - (performance.now() - begun)),
          what: `${part} gets past the poison on ${topic}`,
        })
        const letters = await rowsOf<Letter & pg.QueryResultRow>(
          part,
          'select key, code, reason, payload from dead_letters where consumer = $1 and topic = $2 and "offset" >= $3',
          [part, topic, first],
        )
        for (const poison of poisons) {
          const its = letters.filter((letter) => letter.key === poison.key)
          expectFate(`${poison.name} on ${topic} for ${part}`, poison, its)
        }
      }
    },

    async expectStored(topic, first, poisons) {
      if (!(topics[topic].consumers as readonly Part[]).includes('analytics')) return
      const of = `topic = '${topic}' and partition = ${partition} and offset between ${first} and ${first + poisons.length - 1}`
      const events = await eventually(
        async () => {
          const rows = await stored(`select toString(offset) as at from eshop.events where ${of}`)
          return rows.length >= poisons.length && rows
        },
        { withinMs: WITHIN_MS, what: `analytics has all of ${topic}` },
      )
      const offsets = events.map(({ at }) => Number(at)).toSorted((a, b) => a - b)
      expect(offsets).toEqual(poisons.map((_, at) => first + at))
      const dead = await stored(
        `select toString(offset) as at, reason, lower(hex(value)) as payload from eshop_store.dead_letters final where ${of}`,
      )
      for (const [at, { name, value, fate }] of poisons.entries()) {
        if (!(fate instanceof RegExp) && !fate.startsWith('EVENT_')) continue
        const letters = dead.filter((row) => Number(row.at) === first + at)
        const payloads = letters.map(({ payload }) => payload ?? '')
        expect({ name, topic, payloads }).toEqual({ name, topic, payloads: [value?.toString('hex') ?? ''] })
        expect(letters[0]?.reason.length, name).toBeGreaterThan(5)
      }
    },

    async close() {
      await Promise.all([producer.disconnect(), admin.disconnect()])
      for (const pool of pools.values()) await pool.end()
    },
  }
}
