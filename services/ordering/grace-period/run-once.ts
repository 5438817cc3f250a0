import { spawn } from 'node:child_process'
import { join } from 'node:path'
import { CodedError } from '#pipelines/kernel/errors.ts'

const program = join(import.meta.dirname, 'main.ts')
const compileCache = join(import.meta.dirname, '../../../.eshop/compile-cache')

/**
 * Runs the task in a process of its own and waits for its end. The signal stops it with SIGTERM, which its execution records.
 * @throws CodedError `TASK_RUN_FAILED` with the exit code
 */
export function runOnce(signal: AbortSignal): Promise<void> {
  // Compiled code is kept between runs: without it each run spends most of its time on reading the same files again.
  const NODE_COMPILE_CACHE = process.env.NODE_COMPILE_CACHE ?? compileCache
  const child = spawn(process.execPath, [program], {
    stdio: ['ignore', 'inherit', 'inherit'],
    env: { ...process.env, NODE_COMPILE_CACHE },
  })
  const stop = () => void child.kill('SIGTERM')
  signal.addEventListener('abort', stop, { once: true })
  return new Promise<void>((resolve, reject) => {
    child.once('error', (cause) => reject(new CodedError('TASK_RUN_FAILED', 'the run could not start', { cause })))
    child.once('close', (code, killedBy) => {
      if (code === 0 || signal.aborted) resolve()
      else
        reject(
          new CodedError('TASK_RUN_FAILED', `the run ended with ${code ?? killedBy}`, { facts: { code, killedBy } }),
        )
    })
  }).finally(() => signal.removeEventListener('abort', stop))
}
