import type { SideResult } from './run-side.ts'

const thousands = (value: number) => `${(value / 1000).toFixed(0)} k`

/** A line per run, or per side its medians with least and most, and the ratio of the sides. */
export function printed(results: readonly SideResult[], summary = false): string {
  if (!summary) return results.map(line).join('\n')
  const sides = [...Map.groupBy(results, ({ side }) => side)]
  const lines = sides.map(([side, all]) => {
    if (all.some(({ kills }) => kills > 0)) return `${side}: no figure, as it was killed on the way`
    const right = all.filter(({ wrong }) => wrong.length === 0)
    if (right.length < all.length)
      return `${side}: no figure, ${all.length - right.length} of ${all.length} runs are wrong`
    const of = (value: (one: SideResult) => number, text: (value: number) => string) => {
      const sorted = right.map(value).sort((a, b) => a - b)
      return `${text(sorted[Math.floor(sorted.length / 2)] ?? 0)} (${text(sorted[0] ?? 0)} to ${text(sorted.at(-1) ?? 0)})`
    }
    return [
      `${side}: ${of(perCpuSecond, thousands)} events per CPU-second`,
      `${of((one) => one.records / one.seconds, thousands)} a second by the clock`,
      `ingest ${of(
        (one) => (one.ingestCpu / one.records) * 1e6,
        (v) => v.toFixed(2),
      )} µs, ClickHouse ${of(
        (one) => (one.clickhouseCpu / one.records) * 1e6,
        (v) => v.toFixed(2),
      )} µs an event`,
      `peak ${of(
        (one) => one.peakMegabytes,
        (v) => v.toFixed(0),
      )} MB`,
      `${of(
        (one) => one.bytesPerEvent,
        (v) => v.toFixed(0),
      )} B stored an event, ${of(
        (one) => one.storedShare,
        (v) => v.toFixed(2),
      )} of the values`,
    ].join('; ')
  })
  const right = (side: string) =>
    results.filter((one) => one.side === side && one.wrong.length === 0 && one.kills === 0)
  const ours = right('ours')
  for (const [side] of sides)
    if (side !== 'ours' && ours.length > 0 && right(side).length > 0)
      lines.push(
        `ours against ${side}, per CPU-second: ${(medianOf(ours, perCpuSecond) / medianOf(right(side), perCpuSecond)).toFixed(1)}x`,
      )
  if (ours.length > 0)
    lines.push(
      `catch-up against 5,000 events a second: ${(medianOf(ours, (one) => one.records / one.seconds) / 5_000).toFixed(0)}x`,
    )
  return lines.join('\n')
}

export function medianOf<T>(of: readonly T[], value: (one: T) => number): number {
  const sorted = of.map(value).sort((a, b) => a - b)
  return sorted[Math.floor(sorted.length / 2)] ?? Number.NaN
}

export function perCpuSecond({ records, ingestCpu, clickhouseCpu }: SideResult): number {
  return records / (ingestCpu + clickhouseCpu)
}

function fresh({ freshness }: SideResult): string {
  if (!freshness) return ''
  const { p50, p99, most, probes, missing } = freshness
  return `; freshness p50 ${p50}, p99 ${p99}, most ${most} ms of ${probes} orders${missing > 0 ? `, ${missing} NEVER SHOWN` : ''}`
}

function line(one: SideResult): string {
  if (one.wrong.length > 0)
    return `${one.side}: WRONG, no figure: ${one.wrong.join('; ')} (${one.seconds.toFixed(1)} s)`
  if (one.kills > 0)
    return `${one.side}: 0 lost, 0 twice, 0 orders wrong after ${one.kills} kills (${one.records} records)${fresh(one)}`
  const { side, seconds, ingestCpu, clickhouseCpu, cpuWhenStored, peakMegabytes, ingestMegabytes, storedShare } = one
  return `${side}: ${thousands(perCpuSecond(one))}/CPU-s settled, ${thousands(one.records / cpuWhenStored)}/CPU-s when stored; ${seconds.toFixed(1)} s; CPU ingest ${ingestCpu.toFixed(1)} + ClickHouse ${clickhouseCpu.toFixed(1)} s; peak ${peakMegabytes.toFixed(0)} MB (${ingestMegabytes.toFixed(0)} of it the ingest's); stored ${storedShare.toFixed(2)} of the values${fresh(one)}`
}
