import { expect, test } from 'vitest'
import { readConfig, Type } from './config.ts'

const schema = Type.Object({
  port: Type.Integer({ minimum: 0, maximum: 65535, default: 7101, description: 'TCP port' }),
  databaseUrl: Type.String({ minLength: 1, description: 'PostgreSQL URL' }),
  graceMs: Type.Integer({ minimum: 0, default: 10_000, env: 'GRACE_PERIOD_MS' }),
  verbose: Type.Boolean({ default: false }),
  tls: Type.Optional(Type.Union([Type.Literal('on'), Type.Literal('off')])),
})

test('variables are named after their property, converted, and have defaults', () => {
  expect(readConfig(schema, { DATABASE_URL: 'postgres://x', GRACE_PERIOD_MS: '0', VERBOSE: 'true' })).toEqual({
    port: 7101,
    databaseUrl: 'postgres://x',
    graceMs: 0,
    verbose: true,
  })
})

test('every bad variable is reported at once, with what it must be, and without its value', () => {
  const read = () => readConfig(schema, { PORT: 'http', GRACE_PERIOD_MS: '-1', TLS: 'hunter2' })
  expect(read).toThrow(/PORT must be integer \(TCP port\)/)
  expect(read).toThrow(/DATABASE_URL is required \(PostgreSQL URL\)/)
  expect(read).toThrow(/GRACE_PERIOD_MS must be >= 0/)
  expect(read).toThrow(/TLS/)
  expect(read).not.toThrow(/hunter2/)
})

test('an empty variable counts as not set', () => {
  expect(readConfig(schema, { DATABASE_URL: 'x', PORT: '' }).port).toBe(7101)
})
