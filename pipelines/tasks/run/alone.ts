import type { Database } from '#pipelines/kernel/database.ts'
import { pause } from '#pipelines/kernel/lifecycle.ts'
import type { Log } from '#pipelines/kernel/log.ts'
import { areChangesWaiting } from '../executions/changes.ts'
import { claimAlone, nextAloneInMs } from '../executions/claim-alone.ts'
import { pruneExecutions } from '../executions/prune.ts'
import { markLost } from '../executions/store.ts'
import type { Finished } from './run-taken.ts'

export interface Alone {
  readonly database: Database
  readonly log: Log
  readonly environment: NodeJS.ProcessEnv
  readonly taskName: string
  /** Aborts when this process is told to end. */
  readonly signal: AbortSignal
  /** Makes the run. */
  readonly first: () => Promise<Finished>
  /** Makes a further attempt; nothing if somebody else has it by now. */
  readonly again: (claimed: { readonly executionId: string; readonly claim: number }) => Promise<Finished | undefined>
  /** Called once no run is under way any more. */
  readonly afterwards?: () => void
}

/**
 * What a scheduler would do for a run, done by the run itself where no scheduler is alive (an external cron starts it): finds LOST
 * runs before and after, makes the attempts of its own task that are due, publishes what changed, deletes what is old. Answers the end
 * of the last attempt of the run.
 */
export async function runAlone(alone: Alone): Promise<Finished> {
  const { database, log, environment, first, afterwards = () => {} } = alone
  const isAlone = !(await isSchedulerAlive(database))
  if (isAlone) await noteLost(database, log)
  let finished = await first()
  if (!isAlone) return finished
  await noteLost(database, log)
  finished = (await furtherAttempts(finished, alone)) ?? finished
  afterwards()
  await pruneExecutions(database).catch((error) => log.warn({ err: error }, 'old executions were not deleted'))
  if (await areChangesWaiting(database)) await publish(database, environment, log)
  return finished
}

/** A scheduler is alive if it was seen within three of its signs of life. */
export async function isSchedulerAlive(database: Database): Promise<boolean> {
  const [row] = await database.query<{ alive: boolean }>(
    `select exists (select from schedulers where seen_at > tasks_now() - interval '15 seconds') as alive`,
  )
  return row?.alive === true
}

async function noteLost(database: Database, log: Log): Promise<void> {
  const executionIds = await markLost(database)
  if (executionIds.length > 0) log.warn({ executionIds }, 'runs were lost')
}

/** Makes the attempts of this task that wait: those of the run that has just ended, after their backoff, and what lost runs left. */
async function furtherAttempts(
  ended: Finished,
  { database, taskName, signal, again }: Alone,
): Promise<Finished | undefined> {
  let last: Finished | undefined
  while (!signal.aborted) {
    const waitMs = await nextAloneInMs(database, taskName, ended.executionId)
    if (waitMs === undefined) break
    await pause(waitMs, signal)
    const claimed = signal.aborted ? undefined : await claimAlone(database, taskName)
    const finished = claimed && (await again(claimed))
    if (finished && claimed.runId === ended.executionId) last = finished
  }
  return last
}

async function publish(database: Database, environment: NodeJS.ProcessEnv, log: Log): Promise<void> {
  const { KAFKA_BROKERS, REGISTRY_URL } = environment
  if (!KAFKA_BROKERS || !REGISTRY_URL)
    return log.info(
      'no KAFKA_BROKERS and REGISTRY_URL: the changes of this run are published by the next that has them',
    )
  try {
    const { publishAlone } = await import('./publish-alone.ts')
    await publishAlone(database, environment, log)
  } catch (error) {
    log.warn({ err: error }, 'the changes of this run are published by the next that can')
  }
}
