import { join } from 'node:path'
import { home, LOOPBACK, root } from '../paths.ts'
import type { Launch } from '../process/launch.ts'
import { answersOk } from '../process/probes.ts'

/** Compiled code is kept between starts: most of what a small program does at its start is reading the same files again. */
const NODE_COMPILE_CACHE = join(home, 'compile-cache')

/** Longer than a program gives itself to close (`runUntilSignal`), so that it is not killed while it still writes down what it did. */
const STOP_WITHIN_MS = 35_000

export interface NodeProgram {
  readonly name: string
  /** Path from the root of the clone. */
  readonly program: string
  readonly args?: readonly string[]
  readonly env: Readonly<Record<string, string>>
  readonly logFile: string
  readonly niceness?: number
  /** The port of its HTTP interface. */
  readonly port: number
}

/** One of our own programs that serves HTTP: it is ready when GET /health/ready says so. */
export function nodeProgramLaunch({ name, program, args = [], env, logFile, port, niceness = 0 }: NodeProgram): Launch {
  const address = `http://${LOOPBACK}:${port}`
  return {
    name,
    command: process.execPath,
    args: ['--disable-warning=TimeoutNegativeWarning', join(root, program), ...args],
    env: { HOST: LOOPBACK, PORT: String(port), NODE_COMPILE_CACHE, ...env },
    niceness,
    cwd: root,
    address,
    logFile,
    stopWithinMs: STOP_WITHIN_MS,
    ready: () => answersOk(`${address}/health/ready`),
  }
}
