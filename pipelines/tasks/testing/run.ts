import { createLog } from '#pipelines/kernel/log.ts'
import { endProcess } from '../run/leaks.ts'
import { openTasksDatabase, runTaskProcess } from '../run/program.ts'
import { testRegistry } from './registry.ts'

/** A process that runs one of the tests' tasks as a cron would: `node run.ts NAME [ARGS]`. */
const [taskName = '', args = '{}'] = process.argv.slice(2)
const log = createLog('run', 'silent')
const finished = await runTaskProcess(
  { taskName, arguments: JSON.parse(args) as Record<string, unknown> },
  { registry: testRegistry, log, heartbeatMs: Number(process.env.HEARTBEAT_MS ?? 5_000) },
)
process.stdout.write(`${JSON.stringify(finished)}\n`)
endProcess(finished.exitCode ?? 1, finished.executionId, () => openTasksDatabase(process.env, log))
