import { InvalidArgumentError } from 'commander'
import { DAY, HOUR, MINUTE, SECOND } from '#pipelines/kernel/clock.ts'

const UNITS: Readonly<Record<string, number>> = { ms: 1, s: SECOND, m: MINUTE, h: HOUR, d: DAY }

/** `250ms`, `5s`, `30m`, `12h`, `2d` in milliseconds. @throws InvalidArgumentError */
export function durationMs(text: string): number {
  const [, digits, unit = ''] = /^(\d{1,9})(ms|s|m|h|d)$/.exec(text) ?? []
  if (digits === undefined) throw new InvalidArgumentError('It must be a number with a unit: 250ms, 5s, 30m, 12h, 2d.')
  return Number(digits) * (UNITS[unit] ?? 1)
}

/** A duration ago, or a time in ISO 8601; as ISO 8601. @throws InvalidArgumentError */
export function sinceWhen(text: string): string {
  if (/^\d+(ms|s|m|h|d)$/.test(text)) return new Date(Date.now() - durationMs(text)).toISOString()
  return isoTime(text)
}

/** @throws InvalidArgumentError */
export function isoTime(text: string): string {
  const time = /^\d{4}-\d{2}-\d{2}/.test(text) ? Date.parse(text) : Number.NaN
  if (Number.isNaN(time))
    throw new InvalidArgumentError('It must be a time such as 2026-10-25T00:00:00Z, or a duration such as 2h.')
  return new Date(time).toISOString()
}

/** Milliseconds for a person: `5s`, `1h 30m`. */
export function durationText(ms: number): string {
  if (ms < SECOND || ms % SECOND !== 0)
    return ms < 10 * SECOND ? `${ms}ms` : durationText(Math.round(ms / SECOND) * SECOND)
  const parts = (['d', 'h', 'm', 's'] as const).reduce<{ left: number; texts: string[] }>(
    ({ left, texts }, unit) => {
      const size = UNITS[unit] ?? 1
      const count = Math.floor(left / size)
      return { left: left - count * size, texts: count > 0 ? [...texts, `${count}${unit}`] : texts }
    },
    { left: ms, texts: [] },
  )
  return parts.texts.slice(0, 2).join(' ') || '0s'
}
