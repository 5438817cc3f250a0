import { readFileSync } from 'node:fs'

/** CPU seconds (user and system) that a process has used, threads and waited-for children included. Linux only. */
export function cpuSeconds(pid: number): number {
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]?.split(' ') ?? []
  const ticks = [11, 12, 13, 14].reduce((sum, field) => sum + Number(fields[field] ?? 0), 0)
  return ticks / TICKS_PER_S
}

/** Proportional set size of a process, MB. Shared pages count by their share, so that a sum over processes is honest. */
export function pssMegabytes(pid: number): number {
  const [, kilobytes] = /^Pss:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/smaps_rollup`, 'utf8')) ?? []
  return Number(kilobytes ?? 0) / 1024
}

/** The kernel's USER_HZ, 100 on every Linux that Node runs on. */
const TICKS_PER_S = 100

/** Processes whose parent is `pid`, and theirs (PostgreSQL forks one per connection). */
export function familyOf(pid: number): number[] {
  const children = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').split(' ').filter(Boolean).map(Number)
  return [pid, ...children.flatMap((child) => quietly(() => familyOf(child), []))]
}

/** Sums a measure over a process and its descendants; one that has just ended counts nothing. */
export function overFamily(pid: number, measure: (pid: number) => number): number {
  return quietly(() => familyOf(pid), []).reduce((sum, member) => sum + quietly(() => measure(member), 0), 0)
}

function quietly<T>(read: () => T, otherwise: T): T {
  try {
    return read()
  } catch {
    return otherwise
  }
}
