import { existsSync, readFileSync } from 'node:fs'
import { writeFile } from 'node:fs/promises'
import { cpus } from 'node:os'
import { medianOf, perCpuSecond } from './report.ts'
import type { SideResult } from './run-side.ts'

/** What a later run is held to: ratios, and what does not depend on the machine's speed. */
export interface Measured {
  readonly records: number
  readonly rounds: number
  /** Events per CPU-second of ours over those of the better peer; nothing where a side has no figure. */
  readonly ratio?: number
  readonly peakMegabytes: number
  /** Bytes stored over bytes of record values. */
  readonly storedShare: number
}

export type Baseline = Readonly<Record<string, Measured & { readonly machine: string; readonly flushRows: number }>>

/** Which workload it was: only the same is compared. */
export function nameOf({ spread, join }: { readonly spread: number; readonly join: boolean }): string {
  return `${join ? 'landing and join' : 'landing'}, ${spread === 0 ? 'clustered' : `spread over ${spread} orders`}`
}

export function measuredOf(results: readonly SideResult[]): Measured | undefined {
  const ours = results.filter(({ side, wrong, kills }) => side === 'ours' && wrong.length === 0 && kills === 0)
  const [first] = ours
  if (!first) return undefined
  const peers = [...Map.groupBy(results, ({ side }) => side)]
    .filter(([side, all]) => side !== 'ours' && all.every(({ wrong }) => wrong.length === 0))
    .map(([, all]) => medianOf(all, perCpuSecond))
  return {
    records: first.records,
    rounds: ours.length,
    ...(peers.length > 0 && { ratio: medianOf(ours, perCpuSecond) / Math.max(...peers) }),
    peakMegabytes: medianOf(ours, ({ peakMegabytes }) => peakMegabytes),
    storedShare: medianOf(ours, ({ storedShare }) => storedShare),
  }
}

/** What has become worse than the baseline allows; empty if nothing has. `tolerance` is a share: 0.3 for 30 %. */
export function worseThan(before: Measured, now: Measured, tolerance: number): string[] {
  const found: string[] = []
  if (before.ratio !== undefined && now.ratio === undefined) found.push('no ratio: a side has no figure')
  if (before.ratio !== undefined && now.ratio !== undefined && now.ratio < before.ratio * (1 - tolerance))
    found.push(`ratio ${now.ratio.toFixed(2)}, ${before.ratio.toFixed(2)} before`)
  if (now.peakMegabytes > before.peakMegabytes * (1 + tolerance))
    found.push(`peak ${now.peakMegabytes.toFixed(0)} MB, ${before.peakMegabytes.toFixed(0)} MB before`)
  if (now.storedShare > before.storedShare * (1 + tolerance))
    found.push(`stored ${now.storedShare.toFixed(2)} of the values, ${before.storedShare.toFixed(2)} before`)
  return found
}

/** Puts a measurement into the file, beside those of other workloads. */
export async function writeBaseline(file: string, name: string, measured: Measured, flushRows: number): Promise<void> {
  const before = existsSync(file) ? readBaseline(file) : {}
  const machine = `${cpus().length} x ${cpus()[0]?.model ?? 'unknown'}`
  const all: Baseline = { ...before, [name]: { machine, flushRows, ...measured } }
  await writeFile(file, `${JSON.stringify(all, null, 2)}\n`)
}

export function readBaseline(file: string): Baseline {
  return JSON.parse(readFileSync(file, 'utf8')) as Baseline
}
