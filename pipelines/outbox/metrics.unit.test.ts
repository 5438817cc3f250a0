import { Registry } from 'prom-client'
import { expect, test } from 'vitest'
import type { Database } from '#pipelines/kernel/database.ts'
import { relayMetrics } from './metrics.ts'

test('the first scrape shows number and age of unsent events, with one look into the database', async () => {
  let looks = 0
  const query = async () => {
    looks += 1
    return [{ unsent: 7, oldestSeconds: 12.5 }]
  }
  const registry = new Registry()
  relayMetrics(registry, { query } as unknown as Database)
  const text = await registry.metrics()
  expect(text).toContain('outbox_unsent_events 7')
  expect(text).toContain('outbox_oldest_event_age_seconds 12.5')
  expect(looks).toBe(1)
})
