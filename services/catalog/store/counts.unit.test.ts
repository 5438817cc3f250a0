import { expect, test } from 'vitest'
import type { Sql } from '#pipelines/kernel/database.ts'
import { Unavailable } from '#pipelines/kernel/errors.ts'
import { keptCounts } from './counts.ts'

function counted() {
  const asked = { times: 0, atMs: 0, away: false }
  const sql: Sql = {
    async query() {
      asked.times += 1
      if (asked.away) throw new Unavailable('DATABASE_AWAY', 'the database is away')
      return [{ name: 'Clay', products: asked.times }] as never
    },
  }
  return { asked, counts: keptCounts(sql, 'brand', () => asked.atMs) }
}

test('the products are counted once for all who ask within three seconds', async () => {
  const { asked, counts } = counted()
  await Promise.all([counts(), counts()])
  asked.atMs = 2_999
  expect(await counts()).toEqual([{ name: 'Clay', products: 1 }])
  expect(asked.times).toBe(1)
})

test('and again after that', async () => {
  const { asked, counts } = counted()
  await counts()
  asked.atMs = 3_000
  expect(await counts()).toEqual([{ name: 'Clay', products: 2 }])
})

test('a failure is not kept', async () => {
  const { asked, counts } = counted()
  asked.away = true
  await expect(counts()).rejects.toBeInstanceOf(Unavailable)
  asked.away = false
  expect(await counts()).toEqual([{ name: 'Clay', products: 2 }])
})
