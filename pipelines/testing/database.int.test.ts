import pg from 'pg'
import { expect, inject, test } from 'vitest'
import { testDatabase } from './database.ts'

async function exists(name: string): Promise<boolean> {
  const client = new pg.Client({ connectionString: inject('postgresUrl') })
  await client.connect()
  const { rowCount } = await client.query('select 1 from pg_database where datname = $1', [name])
  await client.end()
  return rowCount === 1
}

test('each test has a database of its own, gone when it is closed', async () => {
  const [a, b] = await Promise.all([testDatabase(), testDatabase()])
  await a.pool.query('create table only_here (id int)')
  await expect(b.pool.query('select * from only_here')).rejects.toThrow('does not exist')
  await Promise.all([a.close(), b.close()])
  expect([await exists(a.name), await exists(b.name)]).toEqual([false, false])
})

test('a connection that was left open fails the test that left it, and the database still goes', async () => {
  const { url, name, close } = await testDatabase()
  const leaked = new pg.Client({ connectionString: url, application_name: 'forgetful' })
  leaked.on('error', () => {}) // the server ends it
  await leaked.connect()
  await expect(close()).rejects.toMatchObject({
    code: 'CONNECTIONS_LEAKED',
    message: expect.stringContaining('forgetful'),
  })
  expect(await exists(name)).toBe(false)
})

test('a client that was borrowed and not given back fails it too', async () => {
  const { pool, close } = await testDatabase()
  const client = await pool.connect()
  client.on('error', () => {})
  await expect(close()).rejects.toMatchObject({ code: 'CONNECTIONS_LEAKED' })
  client.release(true)
})
