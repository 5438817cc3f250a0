/** A span of time in milliseconds since 1970, `to` not included, cut into slots. */
export interface Span {
  readonly from: number
  readonly to: number
  readonly stepSeconds: number
}

export interface Preset {
  readonly range: string
  readonly label: string
}

const MINUTE = 60_000
const HOUR = 60 * MINUTE
const DAY = 24 * HOUR
const UNITS: Readonly<Record<string, number>> = { m: MINUTE, h: HOUR, d: DAY }

export const PRESETS: readonly Preset[] = [
  { range: '5m', label: '5 minutes' },
  { range: '15m', label: '15 minutes' },
  { range: '1h', label: '1 hour' },
  { range: '6h', label: '6 hours' },
  { range: '24h', label: '24 hours' },
  { range: '7d', label: '7 days' },
  { range: '30d', label: '30 days' },
  { range: '90d', label: '90 days' },
]
export const DEFAULT_RANGE = '1h'

const STEPS = [1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1_200, 1_800, 3_600, 7_200, 10_800, 21_600, 43_200, 86_400]
const MOST_SLOTS = 75

/** The width of a slot that gives at most 75 of them, in seconds. */
export function stepFor(durationMs: number): number {
  return STEPS.find((step) => durationMs / 1000 / step <= MOST_SLOTS) ?? 86_400
}

/** `1h` is the last hour; `<from>..<to>` are two times in ISO 8601. What cannot be read is the default. */
export function resolveSpan(range: string, now: number): Span {
  const fixed = /^(\S+?)\.\.(\S+)$/.exec(range)
  if (fixed) {
    const [from, to] = [Date.parse(fixed[1] ?? ''), Date.parse(fixed[2] ?? '')]
    if (Number.isFinite(from) && Number.isFinite(to) && from < to) return { from, to, stepSeconds: stepFor(to - from) }
  }
  const durationMs = lengthOf(range) ?? HOUR
  const stepSeconds = stepFor(durationMs)
  // The first slot is whole; the last one is still filling.
  return { from: slotStart(now - durationMs, stepSeconds), to: now, stepSeconds }
}

/** Milliseconds of `90m`, `6h`, `7d`. */
export function lengthOf(range: string): number | undefined {
  const [, count, unit] = /^(\d{1,4})([mhd])$/.exec(range) ?? []
  const ms = Number(count) * (UNITS[unit ?? ''] ?? Number.NaN)
  return ms > 0 ? ms : undefined
}

export function isRelative(range: string): boolean {
  return !range.includes('..')
}

export function fixedRange(from: number, to: number): string {
  return `${new Date(from).toISOString()}..${new Date(to).toISOString()}`
}

/** The span of the same length before: last 6 hours against the 6 hours before them. */
export function previousSpan({ from, to, stepSeconds }: Span): Span {
  const shiftMs = shiftOf({ from, to, stepSeconds })
  return { from: from - shiftMs, to: to - shiftMs, stepSeconds }
}

/** How far back the span before lies: whole slots, so that slot meets slot. What is left of the last slot overlaps. */
export function shiftOf({ from, to, stepSeconds }: Span): number {
  const stepMs = stepSeconds * 1000
  return Math.max(1, Math.floor((to - from) / stepMs)) * stepMs
}

/** The beginning of the slot that a time lies in: from 1970 below an hour, from local midnight above, as the panels' SQL has it. */
export function slotStart(ms: number, stepSeconds: number): number {
  const stepMs = stepSeconds * 1000
  if (stepSeconds < 3_600) return Math.floor(ms / stepMs) * stepMs
  const midnight = new Date(ms).setHours(0, 0, 0, 0)
  if (stepSeconds >= 86_400) return midnight // a day may have 25 hours
  return midnight + Math.floor((ms - midnight) / stepMs) * stepMs
}

/** The beginnings of all slots of a span. A day with a clock change has one slot less or more. */
export function slotsOf({ from, to, stepSeconds }: Span): number[] {
  const stepMs = stepSeconds * 1000
  const slots: number[] = []
  for (let slot = slotStart(from, stepSeconds); slot < to && slots.length < 5_000; ) {
    slots.push(slot)
    const next = slotStart(slot + stepMs, stepSeconds)
    slot = next > slot ? next : slotStart(slot + stepMs + HOUR, stepSeconds)
  }
  return slots
}

/** The slot that begins at a time, if one does. */
export function slotAt(ms: number, span: Span): { readonly from: number; readonly to: number } | undefined {
  const slots = slotsOf(span)
  const index = slots.indexOf(ms)
  return index === -1 ? undefined : { from: ms, to: slots[index + 1] ?? ms + span.stepSeconds * 1000 }
}
