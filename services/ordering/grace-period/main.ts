import { CodedError, UsageError } from '#pipelines/kernel/errors.ts'
import { createLog } from '#pipelines/kernel/log.ts'
import { EXIT_CODES } from '#pipelines/tasks/ending.ts'
import { runTaskProcess } from '#pipelines/tasks/program.ts'
import { gracePeriodTasks } from './registry.ts'

/** One run of the task as a process: what the schedule starts. The same as `eshop task run grace-period`, without the command line. */
const log = createLog('grace-period', process.env.LOG_LEVEL ?? 'info')
try {
  const request = { name: 'grace-period', trigger: 'SCHEDULE' } as const
  const { executionId, status, exitCode, message } = await runTaskProcess(request, { registry: gracePeriodTasks, log })
  if (exitCode !== 0) log.error({ executionId, status, reason: message }, 'the run did not succeed')
  process.exitCode = exitCode
} catch (error) {
  log.error(error instanceof CodedError ? { code: error.code, reason: error.message } : { err: error }, 'could not run')
  process.exitCode = error instanceof UsageError ? EXIT_CODES.usage : EXIT_CODES.failed
}
