import { expect, test } from 'vitest'
import { eventTypes } from '#schemas/generated/events.ts'
import { schemaRegisterCommand } from './commands.ts'
import { RegistryUnavailable } from './errors.ts'
import { memoryRegistry } from './memory-registry.ts'
import { registerAll } from './register.ts'

test('registers every event under its topic and full name, and nothing the second time', async () => {
  const registry = memoryRegistry()
  const first = await registerAll({ registry })
  expect(first).toHaveLength(eventTypes.length)
  expect(first.every((entry) => entry.created && entry.version === 1)).toBe(true)
  expect(first.map((entry) => entry.subject)).toContain('payment-status-eshop.payment.OrderPaymentRefunded')
  expect(await registerAll({ registry })).toEqual(first.map((entry) => ({ ...entry, created: false })))
})

test('sets the compatibility level before the first schema', async () => {
  const registry = memoryRegistry()
  const steps: string[] = []
  await registerAll({
    registry: {
      ...registry,
      setCompatibility: async (level) => void steps.push(level),
      async register(subject, schema) {
        steps.push('register')
        return registry.register(subject, schema)
      },
    },
  })
  expect(steps[0]).toBe('FULL_TRANSITIVE')
  expect(steps).toHaveLength(1 + eventTypes.length)
})

test('sets the level of a subject that has one of its own, before its first schema', async () => {
  const steps: unknown[] = []
  const registry = memoryRegistry()
  await registerAll({
    registry: {
      ...registry,
      setCompatibility: async (...level) => void steps.push(level),
      async register(subject, schema) {
        steps.push(subject)
        return registry.register(subject, schema)
      },
    },
    level: 'FULL',
    levelOf: (_, file) => (file === 'events/orders/OrderStarted.avsc' ? 'FORWARD' : 'FULL'),
  })
  const subject = 'orders-eshop.ordering.OrderStarted'
  expect(steps[0]).toEqual(['FULL'])
  expect(steps[steps.indexOf(subject) - 1]).toEqual(['FORWARD', subject])
  expect(steps).toHaveLength(2 + eventTypes.length)
})

test('waits for a registry that is still starting', async () => {
  const registry = memoryRegistry()
  let asked = 0
  async function compatibility() {
    asked += 1
    if (asked < 3) throw new RegistryUnavailable({ url: 'http://127.0.0.1:1' })
    return registry.compatibility()
  }
  expect(await registerAll({ registry: { ...registry, compatibility } })).toHaveLength(eventTypes.length)
  expect(asked).toBe(3)
})

test('gives up on a registry that stays away, as something that can be tried again', async () => {
  const away = { registryUrl: 'http://127.0.0.1:9/apis/ccompat/v7', waitMs: 50 }
  await expect(registerAll(away)).rejects.toMatchObject({ code: 'REGISTRY_UNAVAILABLE', retriable: true })
})

test('an incompatible change is an error that names subject and reason', async () => {
  const registry = memoryRegistry({
    refuse: (subject) => (subject.startsWith('orders-') ? 'version became text' : undefined),
  })
  await expect(registerAll({ registry })).rejects.toMatchObject({
    code: 'SCHEMA_INCOMPATIBLE',
    retriable: false,
    facts: { subject: expect.stringMatching(/^orders-/), reason: 'version became text' },
  })
})

test('the command shows an example and its default registry in its help', () => {
  const help = schemaRegisterCommand().helpInformation()
  expect(help).toContain('--registry')
  expect(help).toContain('127.0.0.1:8081/apis/ccompat/v7')
})
