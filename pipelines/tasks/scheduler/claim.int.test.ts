import { expect, test } from 'vitest'
import type { Database } from '#pipelines/kernel/database.ts'
import { Unavailable } from '#pipelines/kernel/errors.ts'
import { newId } from '#pipelines/kernel/ids.ts'
import { silentLog } from '#pipelines/kernel/log.ts'
import { startLoop } from '#pipelines/kernel/loop.ts'
import { testDatabase } from '#pipelines/testing/database.ts'
import { eventually } from '#pipelines/testing/eventually.ts'
import { loadCatalog } from '../catalog.ts'
import { enqueue } from '../executions/enqueue.ts'
import type { Claimed } from '../launch/launched-run.ts'
import { migrateTasks } from '../run/program.ts'
import { testRegistry } from '../testing/registry.ts'
import { claimQueued } from './claim.ts'
import { createDispatcher } from './dispatcher.ts'

const ROOM = { total: 5, perTask: new Map(), oneByOne: new Set<string>() }

/** A database whose answer to one commit is lost: the transaction that this statement is in has happened. */
function unanswered(database: Database, statement: string): Database {
  let isLost = false
  return {
    ...database,
    async transaction(work, options) {
      let isTheOne = false
      const result = await database.transaction((tx) => {
        const query: typeof tx.query = (text, values) => {
          isTheOne ||= text.includes(statement)
          return tx.query(text, values)
        }
        return work({ ...tx, query })
      }, options)
      if (!isTheOne || isLost) return result
      isLost = true
      throw new Unavailable('DATABASE_AWAY', 'the answer to the commit is lost')
    },
  }
}

test('a run whose claim was not answered is started by its claimant at once, not when the claim expires', async () => {
  await using db = await testDatabase()
  await migrateTasks(db)
  const launched: Claimed[] = []
  const dispatcher = createDispatcher({
    database: unanswered(db, 'set claim = claim + 1'),
    catalog: await loadCatalog(testRegistry),
    claimant: 'one',
    maxRunning: 5,
    log: silentLog,
    launch(claimed) {
      launched.push(claimed)
      const never = new Promise<never>(() => {})
      return {
        executionId: claimed.executionId,
        pid: 1,
        ended: never,
        stop() {},
        kill() {},
        limit() {},
        close: async () => {},
      }
    },
  })
  const asked = { taskName: 'writes', trigger: 'MANUAL', requestedBy: 'test', arguments: {} } as const
  const { executionId } = await enqueue(db, { ...asked, requestId: newId() })
  const loop = startLoop(dispatcher.loop, silentLog)
  try {
    await eventually(() => launched.length > 0, { withinMs: 10_000 })
    expect(launched).toMatchObject([{ executionId, claim: 2 }])
  } finally {
    await loop.close()
  }
})

test('what a claimant has started, or another claims, is not claimed again before it expires', async () => {
  await using db = await testDatabase()
  await migrateTasks(db)
  const asked = { taskName: 'writes', trigger: 'MANUAL', requestedBy: 'test', arguments: {} } as const
  for (let number = 0; number < 3; number++) await enqueue(db, { ...asked, requestId: newId() })
  const started = new Set<string>()
  const claim = (claimant: string) => claimQueued(db, claimant, { ...ROOM, started: () => started })
  const first = await claim('one')
  expect(first).toHaveLength(3)
  for (const { executionId } of first.slice(1)) started.add(executionId)
  expect(await claim('two')).toEqual([])
  expect(await claim('one')).toMatchObject([{ executionId: first[0]?.executionId, claim: 2 }])
})
