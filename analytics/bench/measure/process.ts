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

/** Watches the memory of processes together; gives the most that was seen. */
export function watchMemory(pids: readonly number[]): { readonly peak: () => number; readonly stop: () => number } {
  let peak = 0
  const look = () => {
    let sum = 0
    for (const pid of pids) {
      try {
        sum += ownMegabytes(pid)
      } catch {
        // it has ended
      }
    }
    peak = Math.max(peak, sum)
  }
  const timer = setInterval(look, 100)
  return {
    peak: () => peak,
    stop() {
      clearInterval(timer)
      return peak
    },
  }
}
