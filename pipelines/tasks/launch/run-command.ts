import type { Database } from '#pipelines/kernel/database.ts'
import type { Log } from '#pipelines/kernel/log.ts'
import { enqueue } from '../executions/enqueue.ts'
import type { Ending, Launch } from '../executions/execution.ts'
import { findExecution } from '../executions/list.ts'
import { runAlone } from '../run/alone.ts'
import { EXIT_CODES } from '../run/ending.ts'
import type { Finished } from '../run/run-taken.ts'
import { assertKnown } from '../run/run-task.ts'
import type { Registry } from '../task.ts'
import type { LaunchProgram } from './launch-process.ts'
import { launchRun } from './launched-run.ts'

export interface RunCommand extends LaunchProgram {
  readonly database: Database
  readonly registry: Registry
  readonly log: Log
}

/**
 * Runs a task now, in a process of its own under this one, which ends it at its time limit even when it is blocked. SIGTERM and SIGINT
 * are passed on. Works without a scheduler: any cron may call it.
 * @throws UsageError `TASK_UNKNOWN`, `TASK_ARGUMENTS_SECRET`; Unavailable if the tasks database is away, in which case nothing has run
 */
export async function runHere(asked: Launch, command: RunCommand): Promise<Finished> {
  const { database, registry, log, environment } = command
  assertKnown(registry, asked.taskName)
  const told = new AbortController()
  let stop: (signal: 'SIGTERM' | 'SIGINT') => void = () => {}
  const onSignal = (signal: 'SIGTERM' | 'SIGINT') => {
    told.abort()
    stop(signal)
  }
  async function attempt({
    executionId,
    claim,
  }: {
    readonly executionId: string
    readonly claim: number
  }): Promise<Finished> {
    const claimed = { executionId, claim, taskName: asked.taskName, timeLimitMs: null, arguments: asked.arguments }
    const run = launchRun(claimed, command)
    stop = run.stop
    // Beside its start, so that it does not wait: what cannot be loaded has no limit, and fails by itself.
    void limitOf(registry, asked.taskName).then(run.limit, () => {})
    const { code } = await run.ended
    return await finishedOf(database, executionId, code)
  }
  process.on('SIGTERM', onSignal)
  process.on('SIGINT', onSignal)
  try {
    return await runAlone({
      ...{ database, log, environment, taskName: asked.taskName, signal: told.signal, again: attempt },
      async first() {
        const { executionId, created } = await enqueue(database, asked, 'command')
        return created ? await attempt({ executionId, claim: 1 }) : await finishedOf(database, executionId, null)
      },
    })
  } finally {
    process.off('SIGTERM', onSignal)
    process.off('SIGINT', onSignal)
  }
}

async function limitOf(registry: Registry, name: string): Promise<number | null> {
  return (await registry[name]?.())?.task.policy.timeLimitMs ?? null
}

/** How an execution ended, as its record says. */
export async function finishedOf(database: Database, executionId: string, code: number | null): Promise<Finished> {
  const execution = await findExecution(database, executionId)
  const { status, exitCode = null, message = null, error = null, result } = execution ?? {}
  return {
    executionId,
    status: status as Ending['status'],
    exitCode: exitCode ?? code ?? EXIT_CODES.failed,
    message,
    error,
    result,
  }
}
