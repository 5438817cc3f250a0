import { expect, it } from 'vitest'
import { readServerConfig } from './config.ts'

it('asks for passwords where others can reach it', () => {
  const environment = { CLICKHOUSE_DATA_DIR: '/tmp/x' }
  expect(readServerConfig(environment)).toMatchObject({ host: '127.0.0.1', port: 8123, writer: { password: '' } })
  expect(() => readServerConfig({ ...environment, HOST: '0.0.0.0' })).toThrow(/CLICKHOUSE_PASSWORD/)
  expect(() => readServerConfig({ ...environment, HOST: '0.0.0.0', CLICKHOUSE_PASSWORD: 'a' })).toThrow(/ANALYST/)
  expect(
    readServerConfig({ ...environment, HOST: '0.0.0.0', CLICKHOUSE_PASSWORD: 'a', CLICKHOUSE_ANALYST_PASSWORD: 'b' }),
  ).toMatchObject({ analyst: { password: 'b' } })
})
