import { Kafka, logLevel } from 'kafkajs'
import pg from 'pg'
import { expect, inject, test } from 'vitest'
import { testTopics } from './names.ts'

test('Kafka takes and gives records of topics that somebody made, and makes none by itself', async () => {
  const { greetings, never } = testTopics('greetings', 'never')
  const kafka = new Kafka({ brokers: [inject('kafkaBrokers')], logLevel: logLevel.NOTHING, retry: { retries: 2 } })
  const admin = kafka.admin()
  const producer = kafka.producer({ allowAutoTopicCreation: true })
  await Promise.all([admin.connect(), producer.connect()])
  await admin.createTopics({ topics: [{ topic: greetings, numPartitions: 1 }] })
  await producer.send({ topic: greetings, messages: [{ value: 'hello' }] })
  expect(await admin.fetchTopicOffsets(greetings)).toMatchObject([{ offset: '1' }])
  await expect(producer.send({ topic: never, messages: [{ value: 'x' }] })).rejects.toThrow()
  await admin.deleteTopics({ topics: [greetings] })
  await Promise.all([admin.disconnect(), producer.disconnect()])
})

test('the registry holds new versions to FULL_TRANSITIVE', async () => {
  const response = await fetch(`${inject('registryUrl')}/config`)
  expect(await response.json()).toMatchObject({ compatibilityLevel: 'FULL_TRANSITIVE' })
})

test('PostgreSQL writes what it acknowledges to the disk and has room for many connections', async () => {
  const client = new pg.Client({ connectionString: inject('postgresUrl') })
  await client.connect()
  const setting = async (name: string) => (await client.query(`show ${name}`)).rows[0][name]
  expect([await setting('fsync'), await setting('max_connections')]).toEqual(['on', '300'])
  await client.end()
})

test('ClickHouse answers SQL', async () => {
  const response = await fetch(inject('clickhouseUrl'), { method: 'POST', body: 'select 40 + 2' })
  expect((await response.text()).trim()).toBe('42')
})
