import { Registry } from 'prom-client'
import { expect, test } from 'vitest'
import type { Row, Sql } from '#pipelines/kernel/database.ts'
import { watchWaitingCheckouts } from './metrics.ts'

test('the first scrape shows number and age of waiting checkouts, with one look into the database', async () => {
  let looks = 0
  const database: Sql = {
    async query<R extends Row>() {
      looks += 1
      return [{ checkouts: 2, oldest_ms: 61_000 }] as unknown as R[]
    },
  }
  const registry = new Registry()
  watchWaitingCheckouts(database, registry)
  const text = await registry.metrics()
  expect(text).toContain('basket_checkouts_waiting 2')
  expect(text).toContain('basket_checkouts_waiting_oldest_seconds 61')
  expect(looks).toBe(1)
})
