import { readFileSync } from 'node:fs'

/** The kernel's USER_HZ, 100 on every Linux that Node runs on. */
const TICKS_PER_S = 100

/** CPU seconds, user and system, of a process and all its threads. */
export function cpuSeconds(pid: number): number {
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]?.split(' ') ?? []
  return (Number(fields[11] ?? 0) + Number(fields[12] ?? 0)) / TICKS_PER_S
}

/** Memory of its own, without page cache, in MB. */
export function ownMegabytes(pid: number): number {
  const status = readFileSync(`/proc/${pid}/status`, 'utf8')
  const kilobytes = (name: string) => Number(new RegExp(`^${name}:\\s+(\\d+)`, 'm').exec(status)?.[1] ?? 0)
  return (kilobytes('RssAnon') + kilobytes('RssShmem')) / 1024
}

/** The most memory that processes had together, in MB, and how much of it each had at that moment. */
export interface Peak {
  readonly megabytes: number
  readonly each: readonly number[]
}

/** Watches the memory of processes together, until it is stopped. */
export function watchMemory(pids: readonly number[]): { stop(): Peak } {
  let peak: Peak = { megabytes: 0, each: [] }
  const look = () => {
    const each = pids.map((pid) => {
      try {
        return ownMegabytes(pid)
      } catch {
        return 0 // it has ended
      }
    })
    const megabytes = each.reduce((sum, one) => sum + one, 0)
    if (megabytes > peak.megabytes) peak = { megabytes, each }
  }
  const timer = setInterval(look, 100)
  return {
    stop() {
      clearInterval(timer)
      return peak
    },
  }
}
