import { inject } from 'vitest'
import { startProcess, type TestProcess } from '#pipelines/testing/process.ts'

/** Starts `eshop …` against the run's shop, as a person would in a second terminal. */
export function eshop(...args: readonly string[]): TestProcess {
  return startProcess(['bin/commands.ts', ...args], { env: { ...inject('shop').env, NO_COLOR: '1' } })
}
