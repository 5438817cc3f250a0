import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'

/** One process, told apart from a later one with the same number. */
export interface ProcessIdentity {
  readonly pid: number
  /** When it started, in whatever unit the system tells; only compared. */
  readonly startedAt: string
}

/** The start mark of a living process, or undefined when there is none with this number (a zombie counts as none). */
export function startMarkOf(pid: number): string | undefined {
  if (process.platform === 'linux') {
    try {
      // Everything behind the command, which may hold spaces and brackets: field 3 is the state, field 22 the start.
      const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ').at(-1)?.split(' ') ?? []
      return fields[0] === 'Z' || fields[0] === 'X' ? undefined : fields[19]
    } catch {
      return undefined
    }
  }
  try {
    return execFileSync('ps', ['-o', 'lstart=', '-p', String(pid)], { encoding: 'utf8' }).trim() || undefined
  } catch {
    return undefined
  }
}

export function identityOf(pid: number): ProcessIdentity | undefined {
  const startedAt = startMarkOf(pid)
  return startedAt === undefined ? undefined : { pid, startedAt }
}

/** Whether this very process is still alive. */
export function isAlive({ pid, startedAt }: ProcessIdentity): boolean {
  return startMarkOf(pid) === startedAt
}
