import { expect, it } from 'vitest'
import { readServerConfig } from './config.ts'

const environment = { CLICKHOUSE_DATA_DIR: '/tmp/x' }

it('lets nobody in without a password, unless told to on the loopback address', () => {
  expect(() => readServerConfig(environment)).toThrow(/CLICKHOUSE_PASSWORDLESS=true/)
  expect(readServerConfig({ ...environment, CLICKHOUSE_PASSWORDLESS: 'true' })).toMatchObject({
    host: '127.0.0.1',
    port: 8123,
    users: { admin: { name: 'default', password: '' }, ingest: { name: 'ingest' }, analyst: { name: 'analyst' } },
    published: ['eshop'],
  })
  expect(() => readServerConfig({ ...environment, CLICKHOUSE_PASSWORDLESS: 'true', HOST: '0.0.0.0' })).toThrow(
    /CLICKHOUSE_PASSWORDLESS/,
  )
})

it('has only the users that have a password', () => {
  const { users } = readServerConfig({ ...environment, HOST: '0.0.0.0', CLICKHOUSE_ANALYST_PASSWORD: 'b' })
  expect(users).toEqual({ analyst: { name: 'analyst', password: 'b' } })
})

it('names a list of databases that it cannot read', () => {
  expect(() =>
    readServerConfig({ ...environment, CLICKHOUSE_PASSWORDLESS: 'true', CLICKHOUSE_PUBLISHED: 'a; b' }),
  ).toThrow(/CLICKHOUSE_PUBLISHED/)
})
