import { expect, test } from 'vitest'
import { testDatabase } from '#pipelines/testing/database.ts'
import { openDatabase, type Tx } from './database.ts'
import { CodedError, Unavailable } from './errors.ts'

test('a transaction commits what it did, or nothing when it throws', async () => {
  await using database = await testDatabase()
  await database.query('create table t (n bigint)')
  await database.transaction((tx) => tx.query('insert into t values (1)'))
  await expect(
    database.transaction(async (tx) => {
      await tx.query('insert into t values (2)')
      throw new CodedError('NO', 'no')
    }),
  ).rejects.toMatchObject({ code: 'NO' })
  expect(await database.query('select n from t')).toEqual([{ n: 1 }])
})

test('a deadlock is tried again, and both transactions commit', async () => {
  await using database = await testDatabase()
  await database.query('create table t (id int primary key, n int)')
  await database.query('insert into t values (1, 0), (2, 0)')
  let met = 0
  const crossed = (first: number, second: number) => {
    const meeting = ++met <= 2
    return database.transaction(async (tx) => {
      await tx.query('update t set n = n + 1 where id = $1', [first])
      // Both hold their first row before either asks for its second.
      if (meeting && gate.waiting < 2) await gate.arrive()
      await tx.query('update t set n = n + 1 where id = $1', [second])
    })
  }
  const gate = meetingOf(2)
  await Promise.all([crossed(1, 2), crossed(2, 1)])
  expect(await database.query('select n from t order by id')).toEqual([{ n: 2 }, { n: 2 }])
})

test('an ended connection is replaced, and the error says that the database is away', async () => {
  await using database = await testDatabase()
  const killed = database.transaction(async (tx) => {
    const [{ pid } = { pid: 0 }] = await tx.query<{ pid: number }>('select pg_backend_pid() as pid')
    await database.query('select pg_terminate_backend($1)', [pid])
    await tx.query('select 1')
  })
  await expect(killed).rejects.toBeInstanceOf(Unavailable)
  expect(await database.query('select 1 as one')).toEqual([{ one: 1 }])
})

test('a server that is not there is Unavailable, not a crash', async () => {
  const database = openDatabase({ url: 'postgres://nobody@127.0.0.1:1/none' })
  await expect(database.query('select 1')).rejects.toMatchObject({ code: 'DATABASE_AWAY', retriable: true })
  await database.close()
})

function meetingOf(parties: number) {
  let open: () => void
  const opened = new Promise<void>((resolve) => {
    open = resolve
  })
  const gate = {
    waiting: 0,
    async arrive() {
      gate.waiting += 1
      if (gate.waiting === parties) open()
      await opened
    },
  }
  return gate
}

test('a statement that nobody waits for is part of the transaction: kept with it, or failing it', async () => {
  await using database = await testDatabase()
  await database.query('create table t (n int primary key)')
  await database.transaction(async (tx) => {
    void tx.query('insert into t values ($1)', [1])
  })
  const failing = database.transaction(async (tx) => {
    await tx.query('insert into t values ($1)', [2])
    void tx.query('insert into t values ($1)', [1])
  })
  await expect(failing).rejects.toMatchObject({ code: '23505' })
  expect(await database.query('select n from t')).toEqual([{ n: 1 }])
})

test('what failed is named, not the statements after it that were refused for it: so a conflict is tried again', async () => {
  await using database = await testDatabase()
  let tries = 0
  const kept = await database.transaction(async (tx) => {
    tries += 1
    const conflict = `do $$ begin raise exception 'made up' using errcode = '40001'; end $$`
    if (tries === 1) void tx.query(conflict) // nobody waits for it
    await tx.query('select 1')
    return 'kept'
  })
  expect({ kept, tries }).toEqual({ kept: 'kept', tries: 2 })
})

test('a transaction in which a statement failed is never reported as kept, even if its error was caught', async () => {
  await using database = await testDatabase()
  await database.query('create table t (n int primary key)')
  const swallowing = database.transaction(async (tx) => {
    await tx.query('insert into t values ($1)', [1])
    await tx.query('insert into t values ($1)', [1]).catch(() => {})
    return 'kept'
  })
  await expect(swallowing).rejects.toMatchObject({ code: '23505' })
  expect(await database.query('select n from t')).toEqual([])
})

test('a failure that was rolled back to a savepoint does not matter', async () => {
  await using database = await testDatabase()
  await database.query('create table t (n int primary key)')
  await database.transaction(async (tx) => {
    await tx.query('insert into t values ($1)', [1])
    await tx.query('savepoint s')
    await tx.query('insert into t values ($1)', [1]).catch(() => tx.query('rollback to savepoint s'))
  })
  expect(await database.query('select n from t')).toEqual([{ n: 1 }])
})

test('a statement after the end of its transaction is refused', async () => {
  await using database = await testDatabase()
  let kept: Tx | undefined
  await database.transaction(async (tx) => {
    kept = tx
  })
  expect(() => kept?.query('select 1')).toThrow(expect.objectContaining({ code: 'TRANSACTION_OVER' }))
})

test('more statements than are remembered by name still run', async () => {
  await using database = await testDatabase()
  for (let n = 0; n < 520; n++)
    expect(await database.query(`select $1::int + ${n} as sum`, [1])).toEqual([{ sum: n + 1 }])
})

test('a table that got another column while we run is read on, whatever was prepared before', async () => {
  await using database = await testDatabase({ maxConnections: 4 })
  await database.query('create table t (n int primary key)')
  await database.query('insert into t values (1)')
  const read = () => database.transaction((tx) => tx.query('select * from t where n = $1', [1]))
  const readAtOnce = () => Promise.all([read(), read(), read(), read()])
  await readAtOnce() // every connection has prepared it
  await database.query('alter table t add column more text')
  expect(await readAtOnce()).toEqual(Array(4).fill([{ n: 1, more: null }]))
})

test.each(['EAI_AGAIN', 'EHOSTUNREACH'])('%s means that the database is away', async (code) => {
  await using database = openDatabaseThatThrows(Object.assign(new TypeError('no way there'), { code }))
  await expect(database.query('select 1')).rejects.toBeInstanceOf(Unavailable)
})

function openDatabaseThatThrows(error: Error) {
  const database = openDatabase({ url: 'postgres://nobody@127.0.0.1:1/none' })
  database.pool.query = () => Promise.reject(error)
  return { query: database.query, [Symbol.asyncDispose]: () => database.close() }
}
