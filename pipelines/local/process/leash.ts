import { spawn } from 'node:child_process'
import type { Socket } from 'node:net'
import { join } from 'node:path'
import type { Closable } from '#pipelines/kernel/lifecycle.ts'
import { startMarkOf } from './pid.ts'

/** Makes sure that processes and directories do not outlive this process, even when it is killed. */
export interface Leash extends Closable {
  /** Kill this process when we die without having called `close`. */
  holdProcess(pid: number): void
  /** Ask this process to end when we die without having called `close`, for one that has others to end first. After a minute it is killed. */
  holdStarter(pid: number): void
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
  // It keeps nobody from ending: then it does what it is there for.
  reaper.unref()
  ;(reaper.stdin as Socket).unref()
  const hold = (verb: 'kill' | 'end', pid: number) =>
    void reaper.stdin.write(`${verb}\t${pid}\t${startMarkOf(pid) ?? ''}\n`)
  return {
    holdProcess: (pid) => hold('kill', pid),
    holdStarter: (pid) => hold('end', pid),
    holdDirectory: (path) => void reaper.stdin.write(`remove\t${path}\n`),
    async close() {
      reaper.ref()
      reaper.stdin.end('done\n')
      await ended
    },
  }
}
