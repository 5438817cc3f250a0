import { runClaimedProgram } from '../run/claimed-program.ts'
import { testRegistry } from './registry.ts'

/** The process of one claimed run of a test's task: `node claimed.ts EXECUTION CLAIM`. */
await runClaimedProgram(testRegistry)
