import { CodedError, UsageError } from '#pipelines/kernel/errors.ts'
import { createLog } from '#pipelines/kernel/log.ts'
import { EXIT_CODES } from '#pipelines/tasks/run/ending.ts'
import { endProcess } from '#pipelines/tasks/run/leaks.ts'
import { openTasksDatabase, runTaskProcess } from '#pipelines/tasks/run/program.ts'
import { gracePeriodTasks } from './registry.ts'

/** One run of the task as a process, for any cron: the same as `eshop task run grace-period`, without the command line. */
const log = createLog('grace-period', process.env.LOG_LEVEL ?? 'info')
try {
  const request = { taskName: 'grace-period', trigger: 'SCHEDULE', requestedBy: 'cron' } as const
  const { executionId, status, exitCode, message } = await runTaskProcess(request, { registry: gracePeriodTasks, log })
  if (exitCode !== 0) log.error({ executionId, status, reason: message }, 'the run did not succeed')
  endProcess(exitCode ?? EXIT_CODES.failed, executionId, () => openTasksDatabase(process.env, log))
} catch (error) {
  log.error(error instanceof CodedError ? { code: error.code, reason: error.message } : { err: error }, 'could not run')
  process.exitCode = error instanceof UsageError ? EXIT_CODES.usage : EXIT_CODES.failed
}
