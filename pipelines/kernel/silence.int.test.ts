import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { connect, createServer, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { testDatabase } from '#pipelines/testing/database.ts'
import { eventually } from '#pipelines/testing/eventually.ts'
import { openDatabase } from './database.ts'
import { migrate } from './migrations.ts'

/** A database behind a wire that can be cut without either side being told, as a lost host cuts it. */
async function behindWire(statementMs: number) {
  const real = await testDatabase()
  const url = new URL(real.url)
  const target = { host: url.hostname, port: Number(url.port) }
  const pairs = new Set<readonly [Socket, Socket]>()
  const wire = createServer((near) => {
    const far = connect(target)
    pairs.add([near, far])
    near.pipe(far).pipe(near)
    near.on('error', () => far.destroy()).on('close', () => far.destroy())
    far.on('error', () => near.destroy()).on('close', () => near.destroy())
  })
  await new Promise<void>((resolve) => wire.listen(0, '127.0.0.1', resolve))
  url.port = String((wire.address() as { port: number }).port)
  const database = openDatabase({ url: url.href, maxConnections: 1, statementMs })
  onTestFinished(async () => {
    await database.close()
    for (const [near] of pairs) near.destroy()
    await new Promise((resolve) => wire.close(resolve))
    await real.close()
  })
  const cut = () => {
    for (const [near, far] of pairs) {
      near.unpipe()
      far.unpipe()
      near.resume() // what is sent is taken, and nobody answers
    }
  }
  return { database, cut }
}

test('a statement that a silent server does not answer is DATABASE_AWAY, and the next has another connection', async () => {
  const { database, cut } = await behindWire(200)
  await database.query('select 1')
  cut()
  await expect(database.query('select $1::int', [1])).rejects.toMatchObject({ code: 'DATABASE_AWAY', retriable: true })
  expect(await database.query('select 1 as one')).toEqual([{ one: 1 }])
})

test.each([1, 2])('a transaction fails the same way when its statement %i is the one', async (silentFrom) => {
  const { database, cut } = await behindWire(200)
  const silent = database.transaction(async (tx) => {
    if (silentFrom === 2) await tx.query('select 1')
    cut()
    await tx.query('select 2')
  })
  await expect(silent).rejects.toMatchObject({ code: 'DATABASE_AWAY', retriable: true })
  expect(await database.transaction((tx) => tx.query('select 1 as one'))).toEqual([{ one: 1 }])
})

test('a client taken by hand, such as the relay’s, and a migration may take longer', async () => {
  const { database } = await behindWire(100)
  const client = await database.pool.connect()
  await client.query('select pg_sleep(0.3)')
  client.release()
  const folder = await mkdtemp(join(tmpdir(), 'eshop-migrations-'))
  onTestFinished(() => rm(folder, { recursive: true }))
  await writeFile(join(folder, '001_slow.sql'), 'select pg_sleep(0.3)')
  await migrate(database, [folder])
})

test('a statement that was given up ends on the server too', async () => {
  await using real = await testDatabase()
  const database = openDatabase({ url: real.url, maxConnections: 1, statementMs: 200 })
  onTestFinished(() => database.close())
  await expect(database.query('select pg_sleep(3600) as given_up')).rejects.toMatchObject({ code: 'DATABASE_AWAY' })
  const running = `select 1 from pg_stat_activity where datname = current_database() and query like '%given_up' and pid <> pg_backend_pid()`
  await eventually(async () => (await real.query(running)).length === 0)
})
