import { createLog } from '#pipelines/kernel/log.ts'
import { runTaskProcess } from '../program.ts'
import type { Registry } from '../task.ts'

/** A process that runs one of the tasks below, as the command line does: `node run.ts NAME [ARGS]`. */
const registry: Registry = {
  forever: () => import('./forever.ts'),
  'not-loadable': () => import('./not-loadable.ts'),
}
const [name = '', args = '{}'] = process.argv.slice(2)
const finished = await runTaskProcess(
  { name, arguments: JSON.parse(args) as Record<string, unknown> },
  { registry, log: createLog('run', 'silent') },
)
process.stdout.write(`${JSON.stringify(finished)}\n`)
process.exit(finished.exitCode)
