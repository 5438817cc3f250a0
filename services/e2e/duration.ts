import { UsageError } from '#pipelines/kernel/errors.ts'

const UNITS: Readonly<Record<string, number>> = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000 }

/** Reads `60s`, `2m`, `1500ms`. Milliseconds. @throws UsageError `DURATION` */
export function parseDuration(text: string): number {
  const match = /^(\d+(?:\.\d+)?)(ms|s|m|h)$/.exec(text)
  const unit = UNITS[match?.[2] ?? '']
  if (!match || unit === undefined)
    throw new UsageError('DURATION', `"${text}" is not a duration: write 500ms, 60s, 2m or 1h`)
  return Number(match[1]) * unit
}

/** Reads a whole or broken number above 0. @throws UsageError `NUMBER` */
export function parsePositive(text: string): number {
  const value = Number(text)
  if (!(value > 0) || !Number.isFinite(value)) throw new UsageError('NUMBER', `"${text}" is not a number above 0`)
  return value
}
