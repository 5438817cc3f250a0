import { CodedError, UsageError } from '#pipelines/kernel/errors.ts'
import type { Registry } from '../task.ts'
import { EXIT_CODES } from './ending.ts'
import { lazyLog } from './lazy-log.ts'
import { endProcess } from './leaks.ts'
import { openTasksDatabase, runClaimedProcess } from './program.ts'

/**
 * The main program of one run: takes the execution and claim that its arguments name, runs it, and exits with its exit code. It imports
 * little, as a task that runs every few seconds pays for it each time.
 */
export async function runClaimedProgram(
  registry: Registry,
  environment: NodeJS.ProcessEnv = process.env,
): Promise<void> {
  const log = lazyLog('task', environment.LOG_LEVEL ?? 'info')
  const [executionId = '', claim = ''] = process.argv.slice(2)
  try {
    const finished = await runClaimedProcess({ executionId, claim: Number(claim) }, { registry, log, environment })
    if (!finished) log.warn({ executionId, claim }, 'this execution is not this process’s to run any more')
    const exitCode = finished?.exitCode ?? (finished ? EXIT_CODES.failed : EXIT_CODES.succeeded)
    endProcess(exitCode, executionId, () => openTasksDatabase(environment, log))
  } catch (error) {
    // To stderr, whose end the launcher keeps as the reason.
    process.stderr.write(
      `${error instanceof CodedError ? `[${error.code}] ${error.message}` : String((error as Error)?.stack ?? error)}\n`,
    )
    process.exit(error instanceof UsageError ? EXIT_CODES.usage : EXIT_CODES.failed)
  }
}
