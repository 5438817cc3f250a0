import { UsageError } from '#pipelines/kernel/errors.ts'
import { refuseSecrets } from '../arguments.ts'
import type { Launch } from '../executions/execution.ts'
import { recordStart } from '../executions/start.ts'
import type { Registry } from '../task.ts'
import { type Finished, HEARTBEAT_MS, type RunOutside, runTaken } from './run-taken.ts'

/** What is asked of this process. */
export type RunRequest = Partial<Launch> & { readonly taskName: string }

/**
 * Runs a task in this process and records it, from before any code of the task is loaded: one that cannot even start is a FAILED
 * execution with its reason.
 * @throws UsageError `TASK_UNKNOWN`, `TASK_ARGUMENTS_SECRET`; Unavailable if the tasks database is away, in which case nothing has run
 */
export async function runTask(request: RunRequest, outside: RunOutside): Promise<Finished> {
  assertKnown(outside.registry, request.taskName)
  const given = request.arguments ?? {}
  refuseSecrets(given)
  const taken = await recordStart(outside.database, {
    trigger: 'MANUAL',
    requestedBy: 'unknown',
    ...request,
    arguments: given,
    heartbeatMs: outside.heartbeatMs ?? HEARTBEAT_MS,
  })
  return await runTaken(taken, outside)
}

/** @throws UsageError `TASK_UNKNOWN` naming those there are */
export function assertKnown(registry: Registry, name: string): void {
  if (Object.hasOwn(registry, name)) return
  const known = Object.keys(registry).join(', ')
  throw new UsageError('TASK_UNKNOWN', `there is no task "${name}": there are ${known}`)
}
