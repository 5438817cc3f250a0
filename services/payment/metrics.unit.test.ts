import { Registry } from 'prom-client'
import { expect, test } from 'vitest'
import type { Row, Sql } from '#pipelines/kernel/database.ts'
import { watchOpenPayments } from './metrics.ts'

test('the first scrape shows number and age of open payments, with one look into the database', async () => {
  let looks = 0
  const database: Sql = {
    async query<R extends Row>() {
      looks += 1
      return [{ status: 'CHARGING', payments: 3, oldest_ms: 4_500 }] as unknown as R[]
    },
  }
  const registry = new Registry()
  watchOpenPayments(database, registry)
  const text = await registry.metrics()
  expect(text).toContain('payment_open{status="CHARGING"} 3')
  expect(text).toContain('payment_open{status="REFUNDING"} 0')
  expect(text).toContain('payment_open_oldest_seconds{status="CHARGING"} 4.5')
  expect(looks).toBe(1)
})
