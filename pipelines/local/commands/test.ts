import { spawn } from 'node:child_process'
import { mkdirSync, rmSync } from 'node:fs'
import { constants } from 'node:os'
import { dirname, join } from 'node:path'
import { Command } from 'commander'
import { home, root } from '../paths.ts'
import { skippedTests } from './skipped-tests.ts'

/** Vitest's own report of the last run: `.ci/run` counts from it. */
export const reportFile: string = join(home, 'test-report.json')

export function testCommand(): Command {
  return new Command('test')
    .description('run the tests; arguments go to vitest')
    .argument('[arguments...]', 'paths and options of `vitest run`')
    .allowUnknownOption()
    .addHelpText('after', EXAMPLES)
    .action(async (args: string[]) => {
      process.exitCode = await runTests(args)
    })
}

const EXAMPLES = `
Examples:
  npm test                                       everything: unit, property, integration, end to end
  eshop test --project unit                      only what needs no real parts
  eshop test services/ordering                   one folder
  node pipelines/testing/serve-stack.ts &        keep Kafka, registry and databases up for the next test runs`

async function runTests(args: readonly string[]): Promise<number> {
  mkdirSync(dirname(reportFile), { recursive: true })
  rmSync(reportFile, { force: true })
  const reporters = ['--reporter=default', '--reporter=json', `--outputFile.json=${reportFile}`]
  const vitest = join(root, 'node_modules/vitest/vitest.mjs')
  const child = spawn(
    process.execPath,
    ['--disable-warning=TimeoutNegativeWarning', vitest, 'run', ...reporters, ...args],
    {
      cwd: root,
      stdio: 'inherit',
    },
  )
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => child.kill(signal))
  const code = await new Promise<number>((resolve) => {
    child.on('exit', (exitCode, signal) => resolve(signal ? 128 + constants.signals[signal] : (exitCode ?? 1)))
    child.on('error', () => resolve(1))
  })
  for (const name of skippedTests(reportFile)) console.log(`skipped: ${name}`)
  return code
}
