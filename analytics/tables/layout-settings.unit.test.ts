import { expect, it } from 'vitest'
import { readAnalyticsConfig } from '../config.ts'

it('refuses settings that mean nothing, and says which', () => {
  const needed = { KAFKA_BROKERS: 'x', REGISTRY_URL: 'x', ISSUER: 'http://127.0.0.1:1', AUDIENCE: 'x' }
  const wrong = { PARTITION_EVENTS: 'year', KEEP_EVENTS_DAYS: '-1', KEEP_ORDERS_DAYS: 'some' }
  const said = () => readAnalyticsConfig({ ...needed, ...wrong })
  expect(said).toThrow(/PARTITION_EVENTS .*none, day, week or month/)
  expect(said).toThrow(/KEEP_EVENTS_DAYS .*>= 0 .*0 for ever/)
  expect(said).toThrow(/KEEP_ORDERS_DAYS .*integer/)
  expect(readAnalyticsConfig({ ...needed, PARTITION_EVENTS: 'month', KEEP_EVENTS_DAYS: '90' })).toMatchObject({
    partitionEvents: 'month',
    keepEventsDays: 90,
    keepOrdersDays: 0,
  })
})
