import { spawn } from 'node:child_process'
import { join } from 'node:path'
import type { Closable } from '#pipelines/kernel/lifecycle.ts'
import { startMarkOf } from './pid.ts'

/** Makes sure that processes and directories do not outlive this process, even when it is killed. */
export interface Leash extends Closable {
  /** Kill this process when we die without having called `close`. */
  holdProcess(pid: number): void
  /** Remove this directory when we die without having called `close`. */
  holdDirectory(path: string): void
}

export function createLeash(): Leash {
  const reaper = spawn(process.execPath, [join(import.meta.dirname, 'reaper.ts')], {
    stdio: ['pipe', 'ignore', 'inherit'],
    detached: true,
  })
  const ended = new Promise<void>((resolve) => reaper.once('exit', () => resolve()))
  reaper.stdin.on('error', () => {})
  return {
    holdProcess: (pid) => void reaper.stdin.write(`kill\t${pid}\t${startMarkOf(pid) ?? ''}\n`),
    holdDirectory: (path) => void reaper.stdin.write(`remove\t${path}\n`),
    async close() {
      reaper.stdin.end('done\n')
      await ended
    },
  }
}
