import { Kafka, logLevel, Partitioners } from 'kafkajs'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { brokerLogin } from '#pipelines/http/broker-login.ts'
import { closer } from '#pipelines/kernel/lifecycle.ts'
import { silentLog } from '#pipelines/kernel/log.ts'
import { eventually } from '#pipelines/testing/eventually.ts'
import { type SecuredKafka, securedKafka } from '../testing/secured-kafka.ts'
import type { BrokerConnection } from './broker-connection.ts'
import { placeKey } from './source.ts'
import { type SourceName, sources } from './sources.ts'
import { topicIdentity } from './topic-ids.ts'

const open = closer()
let kafka: SecuredKafka
let plain: Kafka
let connection: BrokerConnection

beforeAll(async () => {
  kafka = open.add(await securedKafka())
  const { username: kafkaUsername, password: kafkaPassword } = kafka
  const login = brokerLogin({ kafkaSsl: true, kafkaSaslMechanism: 'plain', kafkaUsername, kafkaPassword })
  connection = { ...login, ssl: { ca: kafka.certificate }, brokers: [kafka.securedBroker] }
  plain = new Kafka({ brokers: [kafka.plainBroker], logLevel: logLevel.NOTHING })
  const admin = plain.admin()
  await admin.connect()
  await admin.createTopics({ topics: [{ topic: 'orders', numPartitions: 1 }], waitForLeaders: false })
  await eventually(() => admin.fetchTopicMetadata({ topics: ['orders'] }), { what: 'a leader of the topic' })
  await admin.disconnect()
  const producer = plain.producer({ createPartitioner: Partitioners.DefaultPartitioner })
  await producer.connect()
  await producer.send({ topic: 'orders', messages: [{ value: 'one' }, { value: 'two' }] })
  await producer.disconnect()
}, 150_000)
afterAll(() => open.close())

it('tells the ids of topics of a cluster that wants TLS and a login, the same as without', async () => {
  const secured = await topicIdentity(connection, ['orders', 'none'])
  expect(secured.clusterId).toMatch(/^[\w-]{22}$/)
  expect([...secured.ids.keys()]).toEqual(['orders'])
  expect(secured).toEqual(await topicIdentity({ brokers: [kafka.plainBroker] }, ['orders', 'none']))
})

it('says that Kafka is away when the certificate is unknown or the password is wrong', async () => {
  await expect(topicIdentity({ ...connection, ssl: true }, ['orders'])).rejects.toMatchObject({ code: 'KAFKA_AWAY' })
  const sasl = { mechanism: 'plain', username: kafka.username, password: 'wrong' } as const
  await expect(topicIdentity({ ...connection, sasl }, ['orders'])).rejects.toMatchObject({ code: 'KAFKA_AWAY' })
})

it.each(Object.keys(sources) as SourceName[])('reads the records of such a cluster: %s', async (name) => {
  const source = open.add(sources[name]({ connection, groupId: `g-${name}`, topics: ['orders'], log: silentLog }))
  const values: string[] = []
  await source.start({
    assigned: async (places) => new Map(places.map((place) => [placeKey(place), 0])),
    take(_place, run) {
      for (let i = 0; i < run.count; i++) values.push(String(run.record(i).value))
    },
    failed: (error) => void values.push(String(error)),
  })
  await eventually(async () => expect(values).toEqual(['one', 'two']), { what: 'both records' })
  expect(await source.ranges(['orders'])).toEqual([{ topic: 'orders', partition: 0, first: 0, end: 2 }])
})
