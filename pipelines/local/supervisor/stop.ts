import { CodedError } from '#pipelines/kernel/errors.ts'
import { pause } from '#pipelines/kernel/lifecycle.ts'
import { isAlive, type ProcessIdentity } from '../process/pid.ts'
import { type RecordedPart, readRun } from './run-file.ts'

export type StopOutcome = 'nothing ran' | 'stopped' | 'stopped leftovers'

/** Stops the stack recorded in this folder: through its supervisor if that lives, and then whatever was left behind. */
export async function stopRecorded(home: string): Promise<StopOutcome> {
  const run = readRun(home)
  if (!run) return 'nothing ran'
  if (run.supervised) await endProcess(run.supervisor, { signal: 'SIGTERM', withinMs: 90_000, what: 'the supervisor' })
  const left = readRun(home)?.parts ?? []
  await stopInReverse(left)
  return run.supervised ? 'stopped' : 'stopped leftovers'
}

/** Stops each part after those that need it. */
export async function stopInReverse(parts: readonly RecordedPart[]): Promise<void> {
  const stops = new Map<string, Promise<void>>()
  const stop = (part: RecordedPart): Promise<void> => {
    const stopping =
      stops.get(part.name) ??
      Promise.all(parts.filter((other) => other.needs.includes(part.name)).map(stop)).then(() =>
        endProcess(part, {
          signal: part.name === 'postgres' ? 'SIGINT' : 'SIGTERM',
          withinMs: 20_000,
          what: part.name,
        }),
      )
    stops.set(part.name, stopping)
    return stopping
  }
  await Promise.all(parts.map(stop))
}

interface EndOptions {
  readonly signal: NodeJS.Signals
  readonly withinMs: number
  readonly what: string
}

/** Asks by signal, kills after a while; returns when the process is gone. Never touches another process of the same number. */
async function endProcess(one: ProcessIdentity, { signal, withinMs, what }: EndOptions) {
  send(one, signal)
  if (await gone(one, withinMs)) return
  send(one, 'SIGKILL')
  if (await gone(one, 5_000)) return
  throw new CodedError('NOT_STOPPED', `${what} (process ${one.pid}) does not end, even when killed`)
}

function send(one: ProcessIdentity, signal: NodeJS.Signals) {
  try {
    if (isAlive(one)) process.kill(one.pid, signal)
  } catch {
    // It ended in between.
  }
}

async function gone(one: ProcessIdentity, withinMs: number): Promise<boolean> {
  for (const until = Date.now() + withinMs; Date.now() < until; await pause(50)) if (!isAlive(one)) return true
  return !isAlive(one)
}
