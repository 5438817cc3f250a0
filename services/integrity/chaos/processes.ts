import { execFileSync } from 'node:child_process'
import { readdirSync, readFileSync } from 'node:fs'
import { identityOf, isAlive, type ProcessIdentity } from '#pipelines/local/process/pid.ts'
import { type RecordedPart, readRun } from '#pipelines/local/supervisor/run-file.ts'

/** The parts of one shop, as its run file records them. Nothing else is ever sent a signal, and none that took over a number. */
export interface Victims {
  names(): readonly string[]
  find(name: string): RecordedPart | undefined
  /** A part and every process it has started. */
  family(part: RecordedPart): readonly ProcessIdentity[]
}

export function victimsOf(home: string): Victims {
  const parts = () => readRun(home)?.parts ?? []
  return {
    names: () => parts().map(({ name }) => name),
    find: (name) => parts().find((part) => part.name === name),
    family(part) {
      const children = childrenByParent()
      const below = (pid: number): number[] => (children.get(pid) ?? []).flatMap((child) => [child, ...below(child)])
      const pids = isAlive(part) ? [part.pid, ...below(part.pid)] : []
      return pids.flatMap((pid) => identityOf(pid) ?? [])
    },
  }
}

/** Sends a signal to this very process. False if it has ended. */
export function send(one: ProcessIdentity, signal: NodeJS.Signals): boolean {
  try {
    return isAlive(one) && process.kill(one.pid, signal)
  } catch {
    return false // it ended in between
  }
}

function childrenByParent(): Map<number, number[]> {
  const children = new Map<number, number[]>()
  for (const [pid, parent] of processTable()) children.set(parent, [...(children.get(parent) ?? []), pid])
  return children
}

/** Every process with its parent. */
function processTable(): (readonly [number, number])[] {
  if (process.platform !== 'linux') {
    const text = execFileSync('ps', ['-A', '-o', 'pid=,ppid='], { encoding: 'utf8' })
    return text.split('\n').flatMap((line) => {
      const [pid, parent] = line.trim().split(/\s+/).map(Number)
      return pid && parent !== undefined ? [[pid, parent] as const] : []
    })
  }
  return readdirSync('/proc').flatMap((name) => {
    if (!/^\d+$/.test(name)) return []
    try {
      const [, parent] = readFileSync(`/proc/${name}/stat`, 'utf8').split(') ').at(-1)?.split(' ') ?? []
      return [[Number(name), Number(parent)] as const]
    } catch {
      return []
    }
  })
}
