import { afterAll, beforeAll, expect, test } from 'vitest'
import { pause } from '#pipelines/kernel/lifecycle.ts'
import { silentLog } from '#pipelines/kernel/log.ts'
import { eventually } from '#pipelines/testing/eventually.ts'
import { type ClusterBroker, type KafkaCluster, kafkaCluster } from '#pipelines/testing/kafka-cluster.ts'
import { kafkajsBinder } from './binder.ts'

const PARTITIONS = 8
/** A request may be silent for 10 s; then the leader is asked for, and the records are sent anew or read on. */
const WITHIN_MS = 150_000

let cluster: KafkaCluster
beforeAll(async () => {
  cluster = await kafkaCluster()
}, 240_000)
afterAll(() => cluster?.close())

/** Records that are sent one after the other to all partitions in turn, again until they are acknowledged, as the relay does. */
async function stream(topic: string) {
  const binder = kafkajsBinder({ brokers: cluster.addresses, clientId: 'leaders', log: silentLog })
  const read = kafkajsBinder({ brokers: cluster.addresses, clientId: 'leaders-reader', log: silentLog })
  await binder.provision([{ name: topic, partitions: PARTITIONS }])
  const came: string[] = []
  const subscription = read.subscribe({
    group: `${topic}-group`,
    topics: [topic],
    subscriber: {
      onAssigned: () => {},
      onRevoked: () => {},
      onRecords: ({ records }) => void came.push(...records.map(({ value }) => String(value))),
    },
  })
  let sent = 0
  let failures = 0
  const over = new AbortController()
  const sending = (async () => {
    while (!over.signal.aborted) {
      const record = { topic, partition: sent % PARTITIONS, key: 'k', value: Buffer.from(String(sent)), headers: {} }
      await binder.produce([record]).then(
        () => {
          sent++
        },
        () => {
          failures++
        },
      )
      await pause(20, over.signal)
    }
  })()
  return {
    came,
    sent: () => sent,
    failures: () => failures,
    /** Each partition has been written and read on. */
    async goesOn(what: string) {
      const from = sent
      await eventually(() => sent >= from + 3 * PARTITIONS, { withinMs: WITHIN_MS, what: `${what}: sent` })
      await eventually(() => came.includes(String(sent - 1)) || came.length >= sent, {
        withinMs: WITHIN_MS,
        what: `${what}: read`,
      })
    },
    async end() {
      over.abort()
      await sending
      await eventually(() => new Set(came).size >= sent, { withinMs: WITHIN_MS, what: 'all is read' })
      await subscription.close()
      await binder.close()
      await read.close()
    },
  }
}

const AWAY: readonly (readonly [how: string, away: (broker: ClusterBroker) => Promise<() => Promise<void>>])[] = [
  [
    'is killed',
    async (broker) => {
      await broker.kill()
      return () => broker.start()
    },
  ],
  [
    'falls silent',
    async (broker) => {
      const thaw = broker.freeze()
      return async () => thaw()
    },
  ],
]

test.each(AWAY)(
  'each of two brokers %s in turn: all is sent and read on by the other',
  { timeout: 600_000 },
  async (how, away) => {
    const records = await stream(how.replaceAll(' ', '-'))
    await records.goesOn('at first')
    for (const broker of [cluster.one, cluster.two]) {
      const comeBack = await away(broker)
      const began = performance.now()
      await records.goesOn(`broker ${broker.id} ${how}`).finally(comeBack)
      console.log(`broker ${broker.id} ${how}: on again after ${Math.round(performance.now() - began)} ms`)
      await records.goesOn(`broker ${broker.id} is back`)
    }
    await records.end()
    expect(new Set(records.came)).toEqual(new Set(Array.from({ length: records.sent() }, (_, n) => String(n))))
    expect(records.sent()).toBeGreaterThan(10 * PARTITIONS)
  },
)
