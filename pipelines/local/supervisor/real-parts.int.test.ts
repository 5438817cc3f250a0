import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Kafka, logLevel } from 'kafkajs'
import pg from 'pg'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { eventually } from '#pipelines/testing/eventually.ts'
import { freePorts } from '../ports.ts'
import { readSettings } from '../settings.ts'
import { shopPlan } from '../shop-plan.ts'
import { readRun } from './run-file.ts'
import { createSupervisor, type Supervisor } from './supervisor.ts'

const PARTS = new Set(['kafka', 'postgres', 'databases', 'registry', 'schemas', 'clickhouse'])
const SUBJECT = 'orders-eshop.ordering.OrderStarted'

let home: string
let supervisor: Supervisor
let address: Record<string, string>
const recoveries: string[] = []

beforeAll(async () => {
  home = mkdtempSync(join(tmpdir(), 'eshop-parts-'))
  const ports = await freePorts(
    'KAFKA_PORT',
    'KAFKA_CONTROLLER_PORT',
    'REGISTRY_PORT',
    'POSTGRES_PORT',
    'CLICKHOUSE_PORT',
  )
  const variables = Object.fromEntries(Object.entries(ports).map(([name, port]) => [name, String(port)]))
  const plan = shopPlan(readSettings({ ...variables, ESHOP_HOME: home })).filter(({ name }) => PARTS.has(name))
  const nothing = () => {}
  const reporter = { ready: nothing, done: nothing, died: nothing, recovered: (name: string) => recoveries.push(name) }
  supervisor = createSupervisor(plan, home, reporter)
  await supervisor.start()
  address = Object.fromEntries(readRun(home)?.parts.map((part) => [part.name, part.address]) ?? [])
})

afterAll(async () => {
  await supervisor?.close()
  rmSync(home, { recursive: true, maxRetries: 10 })
})

test('every store killed at once comes back with what it had acknowledged', async () => {
  await write()
  const killed = readRun(home)?.parts ?? []
  for (const { pid } of killed) process.kill(pid, 'SIGKILL')
  await eventually(() => recoveries.length === killed.length, { withinMs: 90_000, what: 'the return of all parts' })
  expect(await read()).toEqual({ kafka: ['1'], postgres: ['kept'], clickhouse: 'kept', registry: 200 })
})

function kafka() {
  return new Kafka({ brokers: [address.kafka ?? ''], logLevel: logLevel.NOTHING })
}

async function inPostgres(sql: string): Promise<string[]> {
  const client = new pg.Client({ connectionString: address.postgres })
  await client.connect()
  try {
    return (await client.query(sql)).rows.map(({ word }) => word)
  } finally {
    await client.end()
  }
}

async function inClickHouse(sql: string): Promise<string> {
  const response = await fetch(address.clickhouse ?? '', { method: 'POST', body: sql })
  const text = await response.text()
  expect(response.status, text).toBe(200)
  return text.trim()
}

async function write() {
  const [admin, producer] = [kafka().admin(), kafka().producer()]
  await Promise.all([admin.connect(), producer.connect()])
  await admin.createTopics({ topics: [{ topic: 'kept', numPartitions: 1 }] })
  await producer.send({ topic: 'kept', acks: -1, messages: [{ value: 'kept' }] })
  await Promise.all([admin.disconnect(), producer.disconnect()])
  await inPostgres(`create table kept as select 'kept'::text as word`)
  await inClickHouse('create table kept (word String) engine = MergeTree order by word')
  await inClickHouse(`insert into kept values ('kept')`)
}

async function read() {
  const admin = kafka().admin()
  await admin.connect()
  const offsets = await admin.fetchTopicOffsets('kept')
  await admin.disconnect()
  return {
    kafka: offsets.map(({ offset }) => offset),
    postgres: await inPostgres('select word from kept'),
    clickhouse: await inClickHouse('select word from kept'),
    registry: (await fetch(`${address.registry}/subjects/${SUBJECT}/versions/1`)).status,
  }
}
