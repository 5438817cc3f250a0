import type { ClickHouseClient } from '@clickhouse/client'
import { afterAll, beforeAll, expect, inject, it } from 'vitest'
import { newId } from '#pipelines/kernel/ids.ts'
import { randomName } from '#pipelines/testing/names.ts'
import { DEAD_LETTER } from '../ingest/dead-letter.ts'
import { openStore } from '../store.ts'
import { databasesOf, migrate } from './migrate.ts'

let db: ClickHouseClient
const databases = databasesOf(randomName('t'))
const { published, store } = databases

beforeAll(async () => {
  db = openStore({
    clickhouseUrl: inject('clickhouseUrl'),
    clickhouseUser: 'default',
    clickhousePassword: '',
    clickhouseDatabase: published,
  })
  await migrate(db, databases)
})
afterAll(async () => {
  for (const name of [published, store]) await db.command({ query: `DROP DATABASE IF EXISTS ${name}` })
  await db.close()
})

async function rows<T>(query: string): Promise<T[]> {
  return await (await db.query({ query, format: 'JSONEachRow' })).json<T>()
}

async function write(offset: number, type: string) {
  const row = { topic: 'orders', partition: 0, offset, type, event_id: newId(), order_id: newId() }
  await db.insert({ table: `${store}.events`, values: [row], format: 'JSONEachRow' })
}

it('shows a record that one version could not read and another could as its event, whoever wrote last', async () => {
  for (const [offset, types] of [
    [10, [DEAD_LETTER, 'OrderStarted']],
    [11, ['OrderStarted', DEAD_LETTER]],
    [12, [DEAD_LETTER, DEAD_LETTER]],
  ] as const)
    for (const type of types) await write(offset, type)
  const expected = [
    { offset: '10', type: 'OrderStarted' },
    { offset: '11', type: 'OrderStarted' },
    { offset: '12', type: DEAD_LETTER },
  ]
  const shown = `SELECT toString(offset) AS offset, type FROM ${published}.events ORDER BY offset`
  expect(await rows(shown)).toEqual(expected)
  expect(await rows(`SELECT toString(offset) AS offset FROM ${published}.order_started ORDER BY offset`)).toEqual([
    { offset: '10' },
    { offset: '11' },
  ])
  await db.command({ query: `OPTIMIZE TABLE ${store}.events FINAL` })
  expect(await rows(shown)).toEqual(expected)
})

it('keeps all rows when the last migration is applied again after being broken half-way', async () => {
  await write(20, 'OrderStarted')
  const count = `SELECT count() AS rows FROM ${published}.events`
  const before = await rows(count)
  await db.command({
    query: `ALTER TABLE ${store}.migrations DELETE WHERE name LIKE '007%'`,
    clickhouse_settings: { mutations_sync: '1' },
  })
  await migrate(db, databases)
  expect(await rows(count)).toEqual(before)
})
