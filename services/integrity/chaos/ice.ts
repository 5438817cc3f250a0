import { spawn } from 'node:child_process'
import { join } from 'node:path'
import { pause } from '#pipelines/kernel/lifecycle.ts'
import type { ProcessIdentity } from '#pipelines/local/process/pid.ts'
import { send } from './processes.ts'

/** Stops processes for a while. Whatever happens to this process, they go on: a helper continues them when it is gone. */
export interface Ice extends Disposable {
  /** Stops them all, and continues them after so many milliseconds or when the signal aborts. Returns how many were stopped. */
  freeze(processes: readonly ProcessIdentity[], forMs: number, signal: AbortSignal): Promise<number>
}

export function createIce(): Ice {
  const helper = spawn(process.execPath, [join(import.meta.dirname, 'thaw.ts')], {
    stdio: ['pipe', 'ignore', 'inherit'],
    detached: true,
  })
  helper.stdin.on('error', () => {})
  return {
    async freeze(processes, forMs, signal) {
      for (const { pid, startedAt } of processes) helper.stdin.write(`hold\t${pid}\t${startedAt}\n`)
      try {
        const stopped = processes.filter((one) => send(one, 'SIGSTOP')).length
        await pause(forMs, signal)
        return stopped
      } finally {
        for (const one of processes) {
          send(one, 'SIGCONT')
          helper.stdin.write(`let\t${one.pid}\t${one.startedAt}\n`)
        }
      }
    },
    [Symbol.dispose]() {
      helper.stdin.end()
    },
  }
}
