import { spawn } from 'node:child_process'
import { closeSync, fstatSync, openSync, readSync, unlinkSync } from 'node:fs'
import { constants, setPriority, tmpdir } from 'node:os'
import { join } from 'node:path'

/** Where a compiled program is kept between runs: without it each run spends most of its time on reading the same files again. */
const compileCache = join(import.meta.dirname, '../../../.eshop/compile-cache')

export interface LaunchProgram {
  /** The program that runs a claimed execution, and its first arguments; execution and claim are added. */
  readonly program: readonly string[]
  readonly environment: NodeJS.ProcessEnv
  /** 0 to 19; a launched run gives way to what serves customers. Default 10. */
  readonly niceness?: number
  /**
   * Where it writes to: `kept` to this process's stdout, and stderr to a file for its last words; `shown` to this process's own streams;
   * `aside` to its stderr alone. Default `kept`.
   */
  readonly writes?: 'kept' | 'shown' | 'aside'
}

export interface ProcessEnd {
  readonly code: number | null
  readonly signal: NodeJS.Signals | null
  /** The end of what it wrote to stderr, as far as it was kept. */
  readonly lastWords: string
}

export interface LaunchedProcess {
  readonly pid: number | undefined
  readonly ended: Promise<ProcessEnd>
  signal(name: NodeJS.Signals): void
}

const MOST_LAST_WORDS = 16 * 1024

/** Starts the process of a claimed execution. It never throws: a process that cannot start has ended. */
export function launchProcess(executionId: string, claim: number, options: LaunchProgram): LaunchedProcess {
  const { program, environment, niceness = 10, writes = 'kept' } = options
  const words = writes === 'kept' ? openLastWords(executionId) : undefined
  const child = spawn(process.execPath, [...program, executionId, String(claim)], {
    stdio: ['ignore', writes === 'aside' ? process.stderr : 'inherit', words ?? 'inherit'],
    env: { ...environment, NODE_COMPILE_CACHE: environment.NODE_COMPILE_CACHE ?? compileCache },
  })
  if (child.pid !== undefined && niceness > 0) yieldTo(child.pid, niceness)
  const ended = new Promise<ProcessEnd>((resolve) => {
    child.once('error', (error) => resolve({ code: null, signal: null, lastWords: error.message }))
    child.once('exit', (code, signal) =>
      resolve({ code, signal, lastWords: words === undefined ? '' : readLastWords(words) }),
    )
  })
  void ended.then(() => words !== undefined && closeSync(words))
  return { pid: child.pid, ended, signal: (name) => void child.kill(name) }
}

function yieldTo(pid: number, niceness: number): void {
  try {
    setPriority(pid, Math.min(niceness, constants.priority.PRIORITY_LOW))
  } catch {
    // It has ended already, or this system knows no priorities.
  }
}

/** A file without a name: it goes with the last process that has it open, and a launcher that is killed breaks no pipe. */
function openLastWords(executionId: string): number {
  const path = join(tmpdir(), `eshop-task-${executionId}-${process.pid}.stderr`)
  const file = openSync(path, 'a+', 0o600)
  unlinkSync(path)
  return file
}

function readLastWords(file: number): string {
  const { size } = fstatSync(file)
  const buffer = Buffer.alloc(Math.min(size, MOST_LAST_WORDS))
  readSync(file, buffer, 0, buffer.length, size - buffer.length)
  return buffer.toString()
}
