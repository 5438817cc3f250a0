import type { Database } from '#pipelines/kernel/database.ts'
import { messageOf } from '#pipelines/kernel/errors.ts'
import { failpoints } from '#pipelines/kernel/failpoint.ts'
import type { Log } from '#pipelines/kernel/log.ts'
import { scrub } from '#pipelines/kernel/redaction.ts'
import { checkedArguments } from '../arguments.ts'
import type { Ending, Progress } from '../executions/execution.ts'
import {
  addNote,
  drawFence,
  readCheckpoint,
  recordEnd,
  recordPolicy,
  saveCheckpoint,
  type Taken,
} from '../executions/store.ts'
import { resolveSecrets, withoutSecrets } from '../secrets.ts'
import type { Listeners, Registry, Task, TaskContext } from '../task.ts'
import { cap, failed, type StopReason, skipped, stopped } from './ending.ts'
import { leaseLost, startHeartbeat } from './heartbeat.ts'
import type { OutputCapture } from './output.ts'
import { lockTask } from './single-instance.ts'
import { supervise } from './supervise.ts'

export interface RunOutside {
  readonly registry: Registry
  /** The tasks' own database, migrated. */
  readonly database: Database
  readonly log: Log
  /** Aborts with a {@link StopReason} when the process is told to end. */
  readonly signal: AbortSignal
  /** Where secrets are looked up. Default this process's. */
  readonly environment?: NodeJS.ProcessEnv
  /** Default 5 000. Two missed ones make the run LOST. */
  readonly heartbeatMs?: number
  /** How long a run that was told to stop may take before it is recorded as ended without it. Milliseconds, default 5 000. */
  readonly stopWithinMs?: number
  readonly output?: OutputCapture
  /** Rejects with what was thrown where nobody waited for it. */
  readonly uncaught?: Promise<never>
}

export interface Finished extends Ending {
  readonly executionId: string
}

export const HEARTBEAT_MS = 5_000

/** Runs the task of an execution that is RUNNING in this process, and records its end. Every run that begins gets one: by itself, or as LOST by others. */
export async function runTaken(taken: Taken, outside: RunOutside): Promise<Finished> {
  const { database, log, heartbeatMs = HEARTBEAT_MS, stopWithinMs = 5_000, output, environment = process.env } = outside
  const { executionId, runId, attempt, taskName } = taken
  const { uncaught = new Promise<never>(() => {}) } = outside
  const told = new AbortController()
  const tell = (reason: StopReason) => told.abort(reason)
  const onLost = () => tell('LEASE_LOST')
  const signal = AbortSignal.any([outside.signal, told.signal])
  let progress: Progress | undefined
  let secrets: readonly string[] = []
  let listeners: Listeners = {}
  let fence = taken.fence
  const heartbeat = startHeartbeat({
    database,
    executionId,
    everyMs: heartbeatMs,
    log,
    progress: () => progress,
    alongside: async () => output?.flush(database, executionId),
    onLost,
    onCancelled: () => tell('CANCELLED'),
  })

  const flush = (isLast = false) =>
    output
      ?.flush(database, executionId, isLast)
      .catch((error) => log.warn({ err: error }, 'output was not written down'))
  output?.attach(() => void flush())

  async function perform(): Promise<Ending> {
    const load = outside.registry[taskName]
    if (!load) return failed(new TypeError(`this program knows no task "${taskName}"`))
    const { task } = await load()
    listeners = task.listeners
    const { policy } = task
    // Whoever finds this run LOST must know whether it has another attempt.
    if (taken.policy === null && policy.attempts > 1) await recordPolicy(database, executionId, policy)
    const resolved = resolveSecrets(task.arguments, await checkedArguments(task, taken.arguments), environment)
    secrets = resolved.secrets
    output?.hide(secrets)
    if (policy.singleInstance === null) return await supervised(task, resolved.arguments)
    const lock = await lockTask(database, task.name, onLost, policy.singleInstance === 'queue' ? signal : undefined)
    if (!lock) return signal.aborted ? stopped(signal.reason as StopReason) : second(policy.singleInstance)
    try {
      fence = (await drawFence(database, executionId)) ?? fence
      return await supervised(task, resolved.arguments)
    } finally {
      await lock.close()
    }
  }

  async function supervised(task: Task, args: unknown): Promise<Ending> {
    await note('onStart', () => listeners.onStart?.({ executionId, attempt }))
    const saved = attempt > 1 ? await readCheckpoint(database, runId) : undefined
    const check = () => {
      if (!heartbeat.held() || signal.reason === 'LEASE_LOST') throw leaseLost()
    }
    const context: Omit<TaskContext<unknown>, 'signal'> = {
      arguments: args,
      executionId,
      runId,
      attempt,
      log: log.child({ task: task.name, executionId }),
      lease: { token: fence, check },
      progress(done, total, text) {
        progress = { done, ...(total !== undefined && { total }), ...(text !== undefined && { note: clean(text) }) }
      },
      checkpoint: {
        value: saved,
        async save(value) {
          check()
          if (!(await saveCheckpoint(database, taken, value))) throw leaseLost()
        },
      },
    }
    const limits = { timeLimitMs: task.policy.timeLimitMs, stopWithinMs, exitCodes: task.exitCodes, uncaught }
    return await supervise((stop) => task.run({ ...context, signal: stop }), signal, limits)
  }

  const clean = (text: string) => withoutSecrets(scrub(text), secrets)
  function cleaned(ending: Ending): Ending {
    const text = (value: string | null) => (value === null ? null : withoutSecrets(value, secrets))
    return {
      ...ending,
      message: text(ending.message),
      error: text(ending.error),
      result: storable(ending.result, clean),
    }
  }

  async function note(listener: string, tellIt: () => unknown): Promise<void> {
    try {
      await tellIt()
    } catch (error) {
      log.warn({ err: error, executionId, listener }, 'a listener failed')
      await addNote(database, executionId, cap(clean(`${listener} failed: ${messageOf(error)}`))).catch(() => {})
    }
  }

  let ending = cleaned(await Promise.race([perform(), uncaught]).catch((error) => failed(error)))
  if (failpoints) await failpoints.at('execution.end.before')
  await heartbeat.close()
  await flush(true)
  // Unless the run was taken for LOST meanwhile: that stands.
  if (!(await recordEnd(database, executionId, ending, { progress }))) ending = stopped('LEASE_LOST')
  if (failpoints) await failpoints.at('execution.end.after')
  const { status, message, exitCode, result } = ending
  if (status === 'SUCCEEDED') await note('onSuccess', () => listeners.onSuccess?.({ executionId, result }))
  else if (status !== 'SKIPPED') await note('onFailure', () => listeners.onFailure?.({ executionId, status, message }))
  await note('onFinal', () => listeners.onFinal?.({ executionId, status, exitCode: exitCode ?? 1 }))
  return { executionId, ...ending }
}

function second(policy: 'skip' | 'fail' | 'queue'): Ending {
  const why = 'another run of this task is under way'
  return policy === 'fail' ? { ...failed(new TypeError(why)), error: null } : skipped(why)
}

/** The result as it is stored: JSON, cleaned; what is no JSON is said to be none. */
function storable(result: unknown, clean: (text: string) => string): unknown {
  if (result === undefined) return undefined
  try {
    const text = JSON.stringify(result)
    return text === undefined ? undefined : (JSON.parse(clean(text).replaceAll('\\u0000', '')) as unknown)
  } catch {
    return { unstorable: 'the result is no JSON' }
  }
}
