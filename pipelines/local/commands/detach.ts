import { spawn } from 'node:child_process'
import { closeSync, mkdirSync, openSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { CodedError } from '#pipelines/kernel/errors.ts'
import { pause } from '#pipelines/kernel/lifecycle.ts'
import { root } from '../paths.ts'
import type { LocalSettings } from '../settings.ts'
import { readRun } from '../supervisor/run-file.ts'

/**
 * Runs `eshop up` in the background and shows what it says until it is ready.
 * @throws CodedError `NOT_STARTED` when it ends before
 */
export async function detach({ folders }: LocalSettings, without: readonly string[] = []): Promise<void> {
  mkdirSync(folders.logs, { recursive: true })
  const logFile = join(folders.logs, 'up.log')
  const log = openSync(logFile, 'w')
  const args = ['up', ...(without.length > 0 ? ['--without', ...without] : [])]
  const child = spawn(process.execPath, [...process.execArgv, join(root, 'bin/commands.ts'), ...args], {
    stdio: ['ignore', log, log],
    detached: true,
  })
  closeSync(log)
  child.unref()
  let exitCode: number | null | undefined
  child.on('exit', (code) => {
    exitCode = code
  })
  let shown = 0
  const show = () => {
    const text = readFileSync(logFile, 'utf8')
    process.stdout.write(text.slice(shown))
    shown = text.length
  }
  const isReady = () => {
    const run = readRun(folders.home)
    return run?.state === 'ready' && run.supervisor.pid === child.pid
  }
  while (exitCode === undefined && !(isReady() && readFileSync(logFile, 'utf8').includes('Ready in'))) {
    show()
    await pause(100)
  }
  show()
  if (exitCode !== undefined && exitCode !== 0)
    throw new CodedError(
      'NOT_STARTED',
      `the shop did not start (exit code ${exitCode}); all it said is above and in ${logFile}`,
    )
}
