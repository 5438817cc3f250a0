import { spawn } from 'node:child_process'
import { mkdirSync, rmSync } from 'node:fs'
import { constants } from 'node:os'
import { dirname, join } from 'node:path'
import { Command } from 'commander'
import { home, root } from '../paths.ts'
import { mergeReports, skippedTests } from './test-reports.ts'

/** Vitest's own report of the last run: `.ci/run` counts from it. */
export const reportFile: string = join(home, 'test-report.json')

const SIGNALS = ['SIGINT', 'SIGTERM'] as const

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

/** Without arguments: one run after the other, so that the whole shop of the last is not up, and busy, while the others run. */
const EVERYTHING: readonly (readonly string[])[] = [
  ['--project', 'unit', '--project', 'int'],
  ['--project', 'e2e'],
]

async function runTests(args: readonly string[]): Promise<number> {
  mkdirSync(dirname(reportFile), { recursive: true })
  rmSync(reportFile, { force: true })
  const runs = args.length > 0 ? [args] : EVERYTHING
  const reports: string[] = []
  let worst = 0
  for (const [number, runArgs] of runs.entries()) {
    const report = `${reportFile}.${number}`
    reports.push(report)
    rmSync(report, { force: true })
    worst = Math.max(worst, await runVitest(report, runArgs))
    if (worst > 128) break // ended by a signal
  }
  mergeReports(reports, reportFile)
  for (const name of skippedTests(reportFile)) console.log(`skipped: ${name}`)
  return worst
}

async function runVitest(report: string, args: readonly string[]): Promise<number> {
  const reporters = ['--reporter=default', '--reporter=json', `--outputFile.json=${report}`]
  const vitest = join(root, 'node_modules/vitest/vitest.mjs')
  const child = spawn(
    process.execPath,
    ['--disable-warning=TimeoutNegativeWarning', vitest, 'run', ...reporters, ...args],
    {
      cwd: root,
      stdio: 'inherit',
    },
  )
  const pass = (signal: NodeJS.Signals) => void child.kill(signal)
  for (const signal of SIGNALS) process.on(signal, pass)
  const code = await new Promise<number>((resolve) => {
    child.on('exit', (exitCode, signal) => resolve(signal ? 128 + constants.signals[signal] : (exitCode ?? 1)))
    child.on('error', () => resolve(1))
  })
  for (const signal of SIGNALS) process.off(signal, pass)
  return code
}
