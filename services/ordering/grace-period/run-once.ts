import { spawn } from 'node:child_process'
import { join } from 'node:path'
import { SECOND } from '#pipelines/kernel/clock.ts'
import { CodedError } from '#pipelines/kernel/errors.ts'

const compileCache = join(import.meta.dirname, '../../../.eshop/compile-cache')

export interface RunLimits {
  /** The program that makes one run. */
  readonly program: string
  /** Milliseconds after which a run is told to stop. Above the task's own limit, which a run that can still do so keeps itself. */
  readonly limitMs: number
  /** Milliseconds that a run which was told to stop has, before it is killed. */
  readonly stopWithinMs: number
}

const LIMITS: RunLimits = {
  program: join(import.meta.dirname, 'main.ts'),
  limitMs: 70 * SECOND,
  stopWithinMs: 10 * SECOND,
}

/**
 * Runs the task in a process of its own and waits for its end. The signal stops it with SIGTERM, which its execution records. It ends
 * in any case: a run that hangs, even in recording its own end, would stop the schedule and leave every order in its grace period.
 * @throws CodedError `TASK_RUN_FAILED` with the exit code
 */
export function runOnce(signal: AbortSignal, { program, limitMs, stopWithinMs }: RunLimits = LIMITS): Promise<void> {
  // Compiled code is kept between runs: without it each run spends most of its time on reading the same files again.
  const NODE_COMPILE_CACHE = process.env.NODE_COMPILE_CACHE ?? compileCache
  const child = spawn(process.execPath, [program], {
    stdio: ['ignore', 'inherit', 'inherit'],
    env: { ...process.env, NODE_COMPILE_CACHE },
  })
  let killed: NodeJS.Timeout | undefined
  const stop = () => {
    child.kill('SIGTERM')
    killed ??= setTimeout(() => child.kill('SIGKILL'), stopWithinMs)
  }
  const tooLong = setTimeout(stop, limitMs)
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
  }).finally(() => {
    clearTimeout(tooLong)
    clearTimeout(killed)
    signal.removeEventListener('abort', stop)
  })
}
