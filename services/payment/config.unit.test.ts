import { expect, test } from 'vitest'
import { readConfig } from '#pipelines/kernel/config.ts'
import { paymentConfig } from './config.ts'

const GIVEN = {
  DATABASE_URL: 'postgres://127.0.0.1/payment',
  KAFKA_BROKERS: '127.0.0.1:9092',
  REGISTRY_URL: 'http://127.0.0.1:8081',
  ISSUER: 'http://127.0.0.1:7100',
  AUDIENCE: 'eshop',
}
const read = (environment: NodeJS.ProcessEnv) => {
  const all = { ...GIVEN, ...environment }
  return readConfig(paymentConfig(all), all)
}

test('in production the simulated provider is used only when that is said', () => {
  expect(() => read({ NODE_ENV: 'production' })).toThrow(/PAYMENT_PROVIDER is required/)
  expect(read({ NODE_ENV: 'production', PAYMENT_PROVIDER: 'simulated' }).paymentProvider).toBe('simulated')
})

test('elsewhere it is the default', () => {
  expect(read({}).paymentProvider).toBe('simulated')
})

test('another one is refused by name, as there is none', () => {
  expect(() => read({ PAYMENT_PROVIDER: 'bank' })).toThrow(/PAYMENT_PROVIDER/)
})
