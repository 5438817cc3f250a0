/**
 * `node pipelines/testing/serve-stack.ts`: keeps one test stack running and tells its addresses in `.eshop/test-stack.json`, so that
 * test runs start at once. Ends, and cleans up, at SIGINT or SIGTERM.
 */

import { runUntilSignal } from '#pipelines/kernel/lifecycle.ts'
import { createLog } from '#pipelines/kernel/log.ts'
import { prepareStack } from './prepare-stack.ts'
import { sharedStack, shareStack, unshareStack } from './stack-file.ts'
import { startTestStack } from './start-stack.ts'

const log = createLog('test-stack')
const running = sharedStack()
if (running) {
  log.info({ stack: running.pid }, 'a test stack is running already')
  process.exit(0)
}
const stack = await startTestStack()
await prepareStack(stack)
shareStack(stack)
runUntilSignal(
  {
    async close() {
      unshareStack()
      await stack.close()
    },
  },
  { log, limitMs: 60_000 },
)
log.info({ kafka: stack.kafkaBrokers, registry: stack.registryUrl, directory: stack.directory }, 'test stack ready')
