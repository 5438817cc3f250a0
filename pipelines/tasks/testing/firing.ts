import { openDatabase } from '#pipelines/kernel/database.ts'
import { pause } from '#pipelines/kernel/lifecycle.ts'
import { createLog } from '#pipelines/kernel/log.ts'
import { startLoop } from '#pipelines/kernel/loop.ts'
import { take } from '../executions/store.ts'
import { policyOf } from '../policy.ts'
import { runTaken } from '../run/run-taken.ts'
import { claimQueued } from '../scheduler/claim.ts'
import { createWatch } from '../scheduler/watch.ts'
import { fireDue } from '../schedules/fire.ts'
import { defineTask, noArguments } from '../task.ts'

/**
 * `node firing.ts scheduler|worker DATABASE_URL HEARTBEAT_MS`: one of the processes of the test that fires many due times, until it is killed. A scheduler
 * fires and finds what is lost; a worker claims and runs, one at a time, in itself. The wall clock of the process may be wrong by WRONG_BY_MS.
 */
const [kind = '', url = '', heartbeat = '1000'] = process.argv.slice(2)
const wrongBy = Number(process.env.WRONG_BY_MS ?? 0)
const now = Date.now
Date.now = () => now() + wrongBy

const log = createLog(kind, 'warn')
const database = openDatabase({ url, maxConnections: 3, name: kind, log })
const heartbeatMs = Number(heartbeat)

const policy = policyOf('tick', { attempts: 50, backoffMs: 1 })
/** Marks its due time in the transaction of a store, which sees whether it was marked before. */
const tick = defineTask({
  name: 'tick',
  arguments: noArguments,
  policy: { attempts: 50, backoffMs: 1 },
  async run({ executionId, lease }) {
    lease.check()
    await database.query('insert into ticks (execution_id) values ($1)', [executionId])
  },
})
const registry = { tick: async () => ({ task: tick }) }
const capacity = { total: 20, perTask: new Map(), oneByOne: new Set<string>(), atMost: 1 }

async function work(signal: AbortSignal): Promise<void> {
  const [claimed] = await claimQueued(database, `worker:${process.pid}`, capacity)
  const taken = claimed && (await take(database, claimed.executionId, claimed.claim, heartbeatMs))
  if (taken) await runTaken(taken, { registry, database, log, signal, heartbeatMs })
  else await pause(100)
}

if (kind === 'scheduler') {
  const watch = createWatch(database)
  startLoop({ name: 'fire', everyMs: 10, run: async () => void (await fireDue(database, () => policy)) }, log)
  startLoop({ name: 'watch', everyMs: 200, run: async () => void (await watch.look()) }, log)
} else startLoop({ name: 'work', everyMs: 1, run: work }, log)
