import { join } from 'node:path'
import { expect, test } from 'vitest'
import { loadConfig } from './config.ts'
import { levelsOf } from './registry-levels.ts'
import { TestRepository } from './testing/git-repository.ts'

test('a subject has the mode of the config, or of the last override that matches its name or its file', () => {
  using repository = new TestRepository()
  repository.write('schema-check.json', {
    mode: 'FULL',
    overrides: [
      { match: 'events/orders', mode: 'FORWARD' },
      { match: '**.OrderPaymentFailed', mode: 'BACKWARD' },
    ],
  })
  const levelOf = levelsOf(join(repository.folder, 'schema-check.json'))
  expect(levelOf('shop.Price', 'events/prices/Price.avsc')).toBe('FULL')
  expect(levelOf('shop.OrderStarted', 'events/orders/OrderStarted.avsc')).toBe('FORWARD')
  expect(levelOf('shop.OrderPaymentFailed', 'events/orders/OrderPaymentFailed.avsc')).toBe('BACKWARD')
})

test('our own events have one mode, as the local stack registers them with one level', () => {
  const { config } = loadConfig(join(import.meta.dirname, '../schema-check.json'), [], import.meta.dirname)
  expect(config.mode).toBe('FULL_TRANSITIVE')
  expect(config.overrides.filter(({ mode }) => mode !== undefined)).toEqual([])
})
