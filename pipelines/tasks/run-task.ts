import type { Database } from '#pipelines/kernel/database.ts'
import { UsageError } from '#pipelines/kernel/errors.ts'
import { newId } from '#pipelines/kernel/ids.ts'
import type { Log } from '#pipelines/kernel/log.ts'
import { scrub } from '#pipelines/kernel/redaction.ts'
import { checkedArguments } from './arguments.ts'
import { failed, type StopReason, skipped, stopped } from './ending.ts'
import type { Ending, Trigger } from './executions/execution.ts'
import { pruneExecutions } from './executions/prune.ts'
import { markLost, recordEnd, recordStart } from './executions/store.ts'
import { startHeartbeat } from './heartbeat.ts'
import { lockTask } from './single-instance.ts'
import { supervise } from './supervise.ts'
import type { Registry, Task } from './task.ts'

export interface RunRequest {
  readonly name: string
  readonly arguments?: Readonly<Record<string, unknown>> | undefined
  /** Default MANUAL. */
  readonly trigger?: Trigger | undefined
  readonly attempt?: number | undefined
  readonly parentId?: string | undefined
}

export interface RunOutside {
  readonly registry: Registry
  /** The tasks' own database, migrated. */
  readonly database: Database
  readonly log: Log
  /** Aborts with a {@link StopReason} when the process is told to end. */
  readonly signal: AbortSignal
  /** Default 5 000. Two missed ones make the run LOST. */
  readonly heartbeatMs?: number
  /** How long a run that was told to stop may take before it is recorded as ended without it. Milliseconds, default 5 000. */
  readonly stopWithinMs?: number
}

export interface Finished extends Ending {
  readonly executionId: string
}

/**
 * Runs a task in this process and records it. Every run that begins gets an end: by itself, or as LOST by any later runner.
 * @throws UsageError `TASK_UNKNOWN`, `TASK_ARGUMENTS_SECRET`; Unavailable if the tasks database is away, in which case nothing has run
 */
export async function runTask(request: RunRequest, outside: RunOutside): Promise<Finished> {
  const { database, log, heartbeatMs = 5_000, stopWithinMs = 5_000 } = outside
  const load = loaderOf(outside.registry, request.name)
  const executionId = newId()
  const given = request.arguments ?? {}
  refuseSecrets(given)
  // 1. On record before any code of the task is loaded: one that cannot even start is a FAILED execution with its reason.
  await recordStart(database, {
    executionId,
    taskName: request.name,
    trigger: request.trigger ?? 'MANUAL',
    arguments: given,
    heartbeatMs,
    attempt: request.attempt,
    parentId: request.parentId,
  })
  await noteLost(database, log)
  await pruneExecutions(database).catch((error) => log.warn({ err: error }, 'old executions were not deleted'))
  // 2. Run it, with a heartbeat until it ends.
  const taken = new AbortController()
  const onLost = () => taken.abort('LEASE_LOST' satisfies StopReason)
  const heartbeat = startHeartbeat({ database, executionId, everyMs: heartbeatMs, log, onLost })
  const signal = AbortSignal.any([outside.signal, taken.signal])
  const ending = await perform().catch(failed)
  await heartbeat.close()
  // 3. Record the end, unless the run was taken for LOST meanwhile: that stands.
  const recorded = await recordEnd(database, executionId, ending)
  return { executionId, ...(recorded ? ending : stopped('LEASE_LOST')) }

  async function perform(): Promise<Ending> {
    const { task } = await load()
    const args = await checkedArguments(task, given)
    if (!task.singleInstance) return supervised(task, args)
    const lock = await lockTask(database, task.name, onLost)
    if (!lock) return skipped('another run of this task is under way')
    try {
      return await supervised(task, args)
    } finally {
      await lock.close()
    }
  }

  function supervised(task: Task, args: unknown): Promise<Ending> {
    const runLog = log.child({ task: task.name, executionId })
    return supervise((stop) => task.run({ arguments: args, executionId, log: runLog, signal: stop }), signal, {
      timeLimitMs: task.timeLimitMs,
      stopWithinMs,
    })
  }
}

function loaderOf(registry: Registry, name: string) {
  const load = Object.hasOwn(registry, name) ? registry[name] : undefined
  if (load) return load
  const known = Object.keys(registry).join(', ')
  throw new UsageError('TASK_UNKNOWN', `there is no task "${name}": there are ${known}`)
}

/** Arguments are recorded for good, so what may stand nowhere is refused before that, without being repeated. */
function refuseSecrets(given: Readonly<Record<string, unknown>>): void {
  const text = JSON.stringify(given)
  if (scrub(text) !== text)
    throw new UsageError('TASK_ARGUMENTS_SECRET', 'the arguments hold a card number or a token, and would be recorded')
}

async function noteLost(database: Database, log: Log): Promise<void> {
  const executionIds = await markLost(database)
  if (executionIds.length > 0) log.warn({ executionIds }, 'runs were lost')
}
