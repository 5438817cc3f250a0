import { SECOND } from '#pipelines/kernel/clock.ts'
import type { Database } from '#pipelines/kernel/database.ts'
import { failpoints } from '#pipelines/kernel/failpoint.ts'
import { type Closable, pause } from '#pipelines/kernel/lifecycle.ts'
import type { Log } from '#pipelines/kernel/log.ts'
import { scrub } from '#pipelines/kernel/redaction.ts'
import { type Finding, recordFinding, recordNotStarted, statusOfClaim } from '../executions/store.ts'
import { cap, EXIT_CODES } from '../run/ending.ts'
import { secretsOf, withoutSecrets } from '../secrets.ts'
import { type LaunchProgram, launchProcess, type ProcessEnd } from './launch-process.ts'

/** An execution that is claimed by this process. */
export interface Claimed {
  readonly executionId: string
  readonly taskName: string
  readonly claim: number
  readonly timeLimitMs: number | null
  /** As they are stored: secrets as references. */
  readonly arguments: Readonly<Record<string, unknown>>
}

export interface LaunchedRun extends Closable {
  readonly executionId: string
  readonly pid: number | undefined
  /** Settles when the process has ended and the execution has an end. */
  readonly ended: Promise<ProcessEnd>
  /** Asks it to end, and kills it when it does not. Default SIGTERM. */
  stop(signal?: 'SIGTERM' | 'SIGINT'): void
  /** Ends it at once: it was taken for LOST. */
  kill(): void
  /** Tells the limit of a run whose task was not known when it was claimed. */
  limit(timeLimitMs: number | null): void
}

export interface LaunchOptions extends LaunchProgram {
  readonly database: Database
  readonly log: Log
  /** How long a run that was told to stop may take. Milliseconds, default 10 000. */
  readonly stopWithinMs?: number
}

/** A run ends itself at its limit. What is later than this cannot do even that: it is blocked. */
const OVERTIME_MS = 7 * SECOND

/**
 * Runs a claimed execution in a process of its own. Whatever becomes of the process, the execution gets an end: one that could not
 * start is FAILED with its last words, one beyond its limit is killed and TIMED_OUT, one that vanished is LOST.
 */
export function launchRun(claimed: Claimed, options: LaunchOptions): LaunchedRun {
  const { database, log, stopWithinMs = 10 * SECOND } = options
  const { executionId, claim, taskName } = claimed
  const child = launchProcess(executionId, claim, options)
  let killed: NodeJS.Timeout | undefined
  let overtime: NodeJS.Timeout | undefined
  let isOvertime = false
  const kill = () => child.signal('SIGKILL')
  const stop = (signal: 'SIGTERM' | 'SIGINT' = 'SIGTERM') => {
    child.signal(signal)
    killed ??= setTimeout(kill, stopWithinMs)
  }
  const limit = (timeLimitMs: number | null) => {
    if (timeLimitMs === null || overtime) return
    overtime = setTimeout(() => {
      isOvertime = true
      kill()
    }, timeLimitMs + OVERTIME_MS)
  }
  limit(claimed.timeLimitMs)

  async function settle(end: ProcessEnd): Promise<ProcessEnd> {
    clearTimeout(killed)
    clearTimeout(overtime)
    for (let attempt = 1; ; attempt++) {
      try {
        if (failpoints) await failpoints.at('execution.settle.before')
        await recordWhatIsMissing(end)
        return end
      } catch (error) {
        // Others see it LOST by its heartbeat if this process does not come to say more.
        if (attempt === 5) log.error({ err: error, executionId }, 'the end of a run could not be recorded')
        if (attempt === 5) return end
        await pause(attempt * SECOND)
      }
    }
  }
  async function recordWhatIsMissing(end: ProcessEnd): Promise<void> {
    const status = await statusOfClaim(database, executionId, claim)
    const words = wordsOf(withoutSecrets(end.lastWords, secretsOf(claimed.arguments, options.environment)))
    if (end.code !== 0)
      log.warn({ executionId, task: taskName, code: end.code, signal: end.signal }, 'a run did not succeed')
    if (status === 'RUNNING') {
      const found = findingOf(end, words, { isOvertime, wasStopped: killed !== undefined })
      log.warn({ executionId, task: taskName, ...found }, 'a run did not record its end')
      await recordFinding(database, { executionId, claim, ...found })
    } else if (status === 'QUEUED') {
      log.warn({ executionId, task: taskName, code: end.code, signal: end.signal, words }, 'a run could not start')
      await recordNotStarted(database, executionId, claim, notStarted(end, words))
    }
  }

  const ended = child.ended.then(settle)
  async function close() {
    stop()
    await ended
  }
  return { executionId, pid: child.pid, ended, stop, kill, limit, close }
}

/** What to record about a process that has ended, should it not have done so itself. */
function findingOf(
  { code, signal }: ProcessEnd,
  error: string | null,
  { isOvertime, wasStopped }: { isOvertime: boolean; wasStopped: boolean },
): Omit<Finding, 'executionId' | 'claim'> {
  if (isOvertime)
    return {
      status: 'TIMED_OUT',
      exitCode: EXIT_CODES.timedOut,
      message: 'it ran into its time limit, did not stop, and was killed',
      error,
    }
  if (wasStopped)
    return {
      status: 'CANCELLED',
      exitCode: EXIT_CODES.terminated,
      message: 'it was told to stop, did not, and was killed',
      error,
    }
  if (signal !== null)
    return {
      status: 'LOST',
      exitCode: signal === 'SIGKILL' ? EXIT_CODES.killed : null,
      message: `its process was ended by ${signal}`,
      error,
    }
  return {
    status: 'FAILED',
    exitCode: code || EXIT_CODES.failed,
    message: `its process ended by itself with exit code ${code} before the run had an end`,
    error,
  }
}

function notStarted({ code, signal }: ProcessEnd, error: string | null) {
  const how = signal ?? (code === null ? 'it could not be run' : `exit code ${code}`)
  const message = `its process ended before it could start (${how})`
  return { status: 'FAILED', exitCode: code || EXIT_CODES.failed, message, error, result: undefined } as const
}

function wordsOf(lastWords: string): string | null {
  return lastWords === '' ? null : cap(scrub(lastWords))
}
