import { type ChildProcess, spawn } from 'node:child_process'
import { join } from 'node:path'
import type { Closable } from '#pipelines/kernel/lifecycle.ts'
import { home, root } from '#pipelines/local/paths.ts'
import type { Exit } from '#pipelines/local/process/launch.ts'
import { eventually } from './eventually.ts'

/** Compiled code is kept between runs, so that a program under test starts in half the time. */
const NODE_COMPILE_CACHE = join(home, 'compile-cache')

const children = new Set<ChildProcess>()
process.once('exit', () => {
  for (const child of children) child.kill('SIGKILL')
})

export interface TestProcess extends Closable {
  readonly pid: number
  readonly exited: Promise<Exit>
  /** All it wrote so far, on either stream. */
  output(): string
  /** Waits for a piece of its output and returns the match. */
  saw(pattern: RegExp | string, withinMs?: number): Promise<RegExpMatchArray>
  signal(signal: NodeJS.Signals): void
}

export interface TestProcessOptions {
  readonly env?: Readonly<Record<string, string | undefined>>
  readonly cwd?: string
  /** Another program than this Node. */
  readonly command?: string
}

/**
 * Runs one of our programs as a user would: `startProcess(['services/basket/main.ts'], { env })`. It ends at the latest with the test
 * process, whose pipe it would write into. `close` asks by SIGTERM and kills after 10 s.
 */
export function startProcess(args: readonly string[], options: TestProcessOptions = {}): TestProcess {
  const child = spawn(options.command ?? process.execPath, [...args], {
    cwd: options.cwd ?? root,
    env: { ...process.env, NODE_ENV: 'test', NODE_OPTIONS: '', NODE_COMPILE_CACHE, ...options.env },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let output = ''
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding('utf8').on('data', (text: string) => {
      output += text
    })
  const exited = new Promise<Exit>((resolve) => {
    child.once('close', (code, signal) => resolve({ code, signal }))
    child.once('error', () => resolve({ code: null, signal: null }))
  })
  children.add(child)
  void exited.then(() => children.delete(child))
  return {
    pid: child.pid ?? -1,
    exited,
    output: () => output,
    saw: (pattern, withinMs = 30_000) =>
      eventually(() => output.match(pattern), { withinMs, what: `output ${pattern} of ${args.join(' ')}` }).catch(
        (error: Error) => {
          error.message += `\nall it wrote:\n${output.slice(-4_000)}`
          throw error
        },
      ),
    signal: (signal) => void child.kill(signal),
    async close() {
      child.kill('SIGTERM')
      const killed = setTimeout(() => child.kill('SIGKILL'), 10_000)
      await exited
      clearTimeout(killed)
    },
  }
}
