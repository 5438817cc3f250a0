import { spawn } from 'node:child_process'
import { closeSync, fstatSync, mkdirSync, openSync, renameSync, statSync } from 'node:fs'
import { dirname } from 'node:path'
import { CodedError } from '#pipelines/kernel/errors.ts'
import type { Closable } from '#pipelines/kernel/lifecycle.ts'
import { pause } from '#pipelines/kernel/lifecycle.ts'
import { tailOf } from './log-tail.ts'

/** How to start one part of the stack as a process of its own, and how to know that it serves. */
export interface Launch {
  readonly name: string
  readonly command: string
  readonly args: readonly string[]
  /** Added to the environment of this process. */
  readonly env?: Readonly<Record<string, string>>
  readonly cwd?: string
  /** Another user than ours, where the program refuses root. */
  readonly runAs?: { readonly uid: number; readonly gid: number } | undefined
  /**
   * How far it stands back when the processor is short, as of nice(1): 0 (default) to 19. What nobody waits for stands back, so that its
   * bursts do not delay those that answer customers.
   */
  readonly niceness?: number
  /** Where others reach it: a URL, or host:port for Kafka. */
  readonly address: string
  /** Output is appended here. A file, not a pipe: the part lives on when its starter is killed. */
  readonly logFile: string
  /** What asks it politely to end. Default SIGTERM. */
  readonly stopSignal?: NodeJS.Signals
  /** After this many milliseconds it is killed. Default 15 000. */
  readonly stopWithinMs?: number
  /** Whether it serves now. Never throws. */
  ready(): Promise<boolean>
}

/** The niceness of parts whose work may come a moment later: analytics, and tasks. */
export const BEHIND_THE_SHOP = 5

export interface Exit {
  readonly code: number | null
  readonly signal: NodeJS.Signals | null
}

export interface RunningPart extends Closable {
  readonly name: string
  readonly address: string
  readonly pid: number
  /** The end of what this process wrote, for a person. */
  lastWords(): string
  /** Settles when the process has ended, whoever ended it. */
  readonly exited: Promise<Exit>
}

/** Variables of a test runner or debugger that must not reach the parts. */
const NOT_INHERITED = ['NODE_OPTIONS', 'NODE_V8_COVERAGE', 'VITEST', 'VITEST_WORKER_ID', 'VITEST_POOL_ID']

function environmentOf(launch: Launch): NodeJS.ProcessEnv {
  const environment: NodeJS.ProcessEnv = { ...process.env }
  for (const name of NOT_INHERITED) delete environment[name]
  if (environment.NODE_ENV === 'test') delete environment.NODE_ENV
  return { ...environment, ...launch.env }
}

/** A log that has grown beyond this is put aside at the next start; of two generations the older goes. */
const MOST_LOG_BYTES = 20_000_000

function openLog(file: string): number {
  mkdirSync(dirname(file), { recursive: true })
  if ((statSync(file, { throwIfNoEntry: false })?.size ?? 0) > MOST_LOG_BYTES) renameSync(file, `${file}.old`)
  return openSync(file, 'a')
}

/** By nice(1), which becomes the program itself: set from here, the priority would miss the threads it has started by then. */
function commandOf({ command, args, niceness = 0 }: Launch): readonly [string, string[]] {
  return niceness > 0 ? ['nice', ['-n', String(niceness), command, ...args]] : [command, [...args]]
}

/**
 * Starts the process without waiting for it to serve. It is the leader of a process group of its own, so that Ctrl-C in a terminal
 * reaches only whoever started it, and parts end in the order that one wants.
 */
export async function spawnPart(launch: Launch): Promise<RunningPart> {
  const log = openLog(launch.logFile)
  const fromByte = fstatSync(log).size
  const [command, args] = commandOf(launch)
  const child = spawn(command, args, {
    cwd: launch.cwd,
    env: environmentOf(launch),
    stdio: ['ignore', log, log],
    detached: true,
    ...launch.runAs,
  })
  closeSync(log)
  const exited = new Promise<Exit>((resolve) => {
    child.once('exit', (code, signal) => resolve({ code, signal }))
    child.once('error', () => resolve({ code: null, signal: null }))
  })
  const pid = await new Promise<number>((resolve, reject) => {
    child.once('error', (cause) =>
      reject(new CodedError('PART_NOT_STARTED', `${launch.name}: cannot run ${launch.command}`, { cause })),
    )
    child.once('spawn', () => resolve(child.pid as number))
  })
  let closing: Promise<void> | undefined
  async function close() {
    child.kill(launch.stopSignal ?? 'SIGTERM')
    const killed = setTimeout(() => killGroup(pid), launch.stopWithinMs ?? 15_000)
    await exited
    clearTimeout(killed)
  }
  return {
    name: launch.name,
    address: launch.address,
    pid,
    exited,
    lastWords: () => `${tailOf(launch.logFile, { fromByte })}\n(log: ${launch.logFile})`,
    close: () => (closing ??= close()),
  }
}

/** Kills a part and what it started itself. */
function killGroup(pid: number) {
  try {
    process.kill(-pid, 'SIGKILL')
  } catch {
    // It ended in between.
  }
}

/**
 * Starts a part and waits until it serves. If that fails nothing is left running.
 * @throws CodedError `PART_FAILED` with the last lines of its log, when it ends or does not serve within `limitMs`
 */
export async function startPart(launch: Launch, { limitMs = 60_000 } = {}): Promise<RunningPart> {
  const part = await spawnPart(launch)
  const failure = await untilReady(launch, part, limitMs)
  if (failure === undefined) return part
  await part.close()
  const why = `${launch.name} ${failure}\n${part.lastWords()}`
  throw new CodedError('PART_FAILED', why, { facts: { part: launch.name } })
}

/** Waits until the part serves. The answer is undefined, or why it does not. */
export async function untilReady(launch: Launch, part: RunningPart, limitMs: number): Promise<string | undefined> {
  const until = Date.now() + limitMs
  let exit: Exit | undefined
  void part.exited.then((e) => {
    exit = e
  })
  while (exit === undefined) {
    if (await launch.ready()) return undefined
    if (Date.now() > until) return `does not serve after ${Math.round(limitMs / 1000)} s`
    await Promise.race([pause(50), part.exited])
  }
  return `ended while starting (${exit.signal ?? `exit code ${exit.code}`})`
}
