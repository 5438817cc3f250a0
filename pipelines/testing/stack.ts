import type { TestProject } from 'vitest/node'
import { prepareStack } from './prepare-stack.ts'
import { sharedStack } from './stack-file.ts'
import { type StackAddresses, startTestStack } from './start-stack.ts'

declare module 'vitest' {
  export interface ProvidedContext extends StackAddresses {}
}

/**
 * Vitest's global setup for tests against real parts: uses the running test stack if there is one, else starts one for this run.
 * Tests get the addresses by `inject('kafkaBrokers')` and so on.
 */
export async function setup(project: TestProject): Promise<(() => Promise<void>) | undefined> {
  const shared = sharedStack()
  const stack = shared ?? (await startTestStack())
  try {
    await prepareStack(stack)
  } catch (error) {
    if ('close' in stack) await stack.close()
    throw error
  }
  for (const name of ['kafkaBrokers', 'registryUrl', 'postgresUrl', 'clickhouseUrl'] as const)
    project.provide(name, stack[name])
  return 'close' in stack ? stack.close : undefined
}
