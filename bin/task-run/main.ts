import { runClaimedProgram } from '#pipelines/tasks/run/claimed-program.ts'
import { tasks } from '../tasks/registry.ts'

/** `node bin/task-run/main.ts EXECUTION CLAIM`: the process of one run. A scheduler, or `eshop task run`, starts it. */
await runClaimedProgram(tasks)
