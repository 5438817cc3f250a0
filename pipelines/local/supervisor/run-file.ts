import { mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { identityOf, isAlive, type ProcessIdentity } from '../process/pid.ts'

export interface RecordedPart extends ProcessIdentity {
  readonly name: string
  readonly address: string
  /** Names of what it needs: it is stopped before them. */
  readonly needs: readonly string[]
  readonly restarts: number
  readonly since: string
}

/** What runs, or ran when the supervisor was killed. */
export interface RunState {
  readonly supervisor: ProcessIdentity
  readonly state: 'starting' | 'ready' | 'stopping'
  readonly parts: readonly RecordedPart[]
}

/** The file `run.json` in the stack's folder: how a later command finds the processes again. */
export interface RunFile {
  write(state: Omit<RunState, 'supervisor'>): void
  remove(): void
}

export function openRunFile(home: string): RunFile {
  const file = join(home, 'run.json')
  const supervisor = identityOf(process.pid) as ProcessIdentity
  return {
    write(state) {
      mkdirSync(home, { recursive: true })
      writeFileSync(`${file}.new`, `${JSON.stringify({ supervisor, ...state }, null, 2)}\n`)
      renameSync(`${file}.new`, file) // a reader, or a kill, never sees half of it
    },
    remove: () => rmSync(file, { force: true }),
  }
}

/** The last recorded run with only those parts that still live, or undefined if nothing of it does. */
export function readRun(home: string): (RunState & { readonly supervised: boolean }) | undefined {
  let state: RunState
  try {
    state = JSON.parse(readFileSync(join(home, 'run.json'), 'utf8')) as RunState
  } catch {
    return undefined
  }
  const supervised = isAlive(state.supervisor)
  const parts = state.parts.filter(isAlive)
  return supervised || parts.length > 0 ? { ...state, parts, supervised } : undefined
}
