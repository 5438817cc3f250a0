import type { RecordedPart } from '#pipelines/local/supervisor/run-file.ts'
import { cpuSeconds, overFamily } from './cpu.ts'

/** CPU seconds used so far by each part of the shop, its child processes included. */
export function cpuByPart(parts: readonly RecordedPart[]): Map<string, number> {
  return new Map(parts.map(({ name, pid }) => [name, overFamily(pid, cpuSeconds)]))
}

/** What each part used between two readings, most first. */
export function cpuBetween(
  before: ReadonlyMap<string, number>,
  after: ReadonlyMap<string, number>,
): [string, number][] {
  return [...after]
    .map(([name, seconds]): [string, number] => [name, seconds - (before.get(name) ?? 0)])
    .sort(([, a], [, b]) => b - a)
}
