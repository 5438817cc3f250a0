import { Kafka, logLevel } from 'kafkajs'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { brokerLogin } from '#pipelines/http/broker-login.ts'
import { closer } from '#pipelines/kernel/lifecycle.ts'
import { eventually } from '#pipelines/testing/eventually.ts'
import { type SecuredKafka, securedKafka } from '../testing/secured-kafka.ts'
import type { BrokerConnection } from './broker-connection.ts'
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
