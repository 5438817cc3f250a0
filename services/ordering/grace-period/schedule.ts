import { readConfig, Type } from '#pipelines/kernel/config.ts'
import { UsageError } from '#pipelines/kernel/errors.ts'
import { runUntilSignal } from '#pipelines/kernel/lifecycle.ts'
import { createLog } from '#pipelines/kernel/log.ts'
import { startLoop } from '#pipelines/kernel/loop.ts'
import { EXIT_CODES } from '#pipelines/tasks/ending.ts'
import { runOnce } from './run-once.ts'

/** Starts the task again and again, each time as a process of its own, never two at once. Any cron can take its place. */
const Config = Type.Object({
  graceIntervalMs: Type.Integer({
    default: 5_000,
    minimum: 100,
    description: 'ms from the end of a run to the next',
  }),
  orderingDatabaseUrl: Type.String({ description: "PostgreSQL URL of ordering's database" }),
  tasksDatabaseUrl: Type.String({ description: 'PostgreSQL URL of the tasks database' }),
  registryUrl: Type.String({ description: 'base URL of the schema registry' }),
  logLevel: Type.String({ default: 'info', description: 'least level that is logged' }),
})

try {
  const config = readConfig(Config)
  const log = createLog('grace-period-schedule', config.logLevel)
  const loop = startLoop(
    { name: 'grace-period', everyMs: config.graceIntervalMs, run: (signal) => runOnce(signal) },
    log,
  )
  log.info({ everyMs: config.graceIntervalMs }, 'the schedule runs')
  runUntilSignal(loop, { log })
} catch (error) {
  if (!(error instanceof UsageError)) throw error
  process.stderr.write(`${error.message}\n`)
  process.exitCode = EXIT_CODES.usage
}
