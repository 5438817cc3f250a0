import type { SideResult } from './run-side.ts'

const thousands = (value: number) => `${(value / 1000).toFixed(0)} k`

/** A line per run, or per side its medians with least and most, and the ratio of the sides. */
export function printed(results: readonly SideResult[], summary = false): string {
  if (!summary) return results.map(line).join('\n')
  const sides = [...Map.groupBy(results, ({ side }) => side)]
  const lines = sides.map(([side, all]) => {
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
  const median = (side: string) => {
    const sorted = results
      .filter((one) => one.side === side && one.wrong.length === 0)
      .map(perCpuSecond)
      .sort((a, b) => a - b)
    return sorted[Math.floor(sorted.length / 2)]
  }
  const [ours, peer] = [median('ours'), median('peer')]
  if (ours && peer) lines.push(`ratio per CPU-second: ${(ours / peer).toFixed(1)}x`)
  return lines.join('\n')
}

export function perCpuSecond({ records, ingestCpu, clickhouseCpu }: SideResult): number {
  return records / (ingestCpu + clickhouseCpu)
}

function line(one: SideResult): string {
  if (one.wrong.length > 0)
    return `${one.side}: WRONG, no figure: ${one.wrong.join('; ')} (${one.seconds.toFixed(1)} s)`
  const { side, seconds, ingestCpu, clickhouseCpu, cpuWhenStored, peakMegabytes, storedShare } = one
  return `${side}: ${thousands(perCpuSecond(one))}/CPU-s settled, ${thousands(one.records / cpuWhenStored)}/CPU-s when stored; ${seconds.toFixed(1)} s; CPU ingest ${ingestCpu.toFixed(1)} + ClickHouse ${clickhouseCpu.toFixed(1)} s; peak ${peakMegabytes.toFixed(0)} MB; stored ${storedShare.toFixed(2)} of the values`
}
