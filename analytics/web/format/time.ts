const clock = new Intl.DateTimeFormat(undefined, {
  hour: '2-digit',
  minute: '2-digit',
  second: '2-digit',
  hourCycle: 'h23',
})
const fine = new Intl.DateTimeFormat(undefined, {
  hour: '2-digit',
  minute: '2-digit',
  second: '2-digit',
  fractionalSecondDigits: 3,
  hourCycle: 'h23',
})
const minutes = new Intl.DateTimeFormat(undefined, { hour: '2-digit', minute: '2-digit', hourCycle: 'h23' })
const day = new Intl.DateTimeFormat(undefined, { month: 'short', day: 'numeric' })
const dayAndYear = new Intl.DateTimeFormat(undefined, { year: 'numeric', month: 'short', day: 'numeric' })

/** Nov 24, and with its year where that is not the current one: Dec 1, 2010. */
function dayOf(ms: number): string {
  return (new Date(ms).getFullYear() === new Date().getFullYear() ? day : dayAndYear).format(ms)
}

/** 06:42:10 */
export function formatClock(ms: number): string {
  return clock.format(ms)
}

/** 06:42:10.123 */
export function formatFine(ms: number): string {
  return fine.format(ms)
}

/** Nov 24, 06:42:10.123: the day always, milliseconds where there are any. */
export function formatTime(ms: number): string {
  return `${dayOf(ms)}, ${ms % 1000 === 0 ? clock.format(ms) : fine.format(ms)}`
}

/** A tick of a time axis: as much as tells one slot from the next. */
export function formatTick(ms: number, spanMs: number): string {
  if (spanMs <= 10 * 60_000) return clock.format(ms)
  if (spanMs <= 36 * 3_600_000) return minutes.format(ms)
  return spanMs <= 4 * 86_400_000 ? `${day.format(ms)} ${minutes.format(ms)}` : dayOf(ms)
}

/** Nov 24, 06:42 – 06:43 of one day; with both days of two. */
export function formatSpan(from: number, to: number): string {
  const exact = to - from < 60_000 ? clock : minutes
  const sameDay = dayAndYear.format(from) === dayAndYear.format(to - 1)
  const wholeDays = new Date(from).setHours(0, 0, 0, 0) === from && new Date(to).setHours(0, 0, 0, 0) === to
  if (wholeDays)
    return to - from <= 90_000_000 ? dayAndYear.format(from) : `${dayOf(from)} – ${dayAndYear.format(to - 1)}`
  if (sameDay) return `${dayOf(from)}, ${exact.format(from)} – ${exact.format(to)}`
  return `${dayOf(from)} ${exact.format(from)} – ${dayOf(to)} ${exact.format(to)}`
}

/** UTC+1, as it is now. */
export function offsetLabel(now: number = Date.now()): string {
  const minutesEast = -new Date(now).getTimezoneOffset()
  const hours = Math.trunc(Math.abs(minutesEast) / 60)
  const rest = Math.abs(minutesEast) % 60
  if (minutesEast === 0) return 'UTC'
  return `UTC${minutesEast < 0 ? '−' : '+'}${hours}${rest ? `:${String(rest).padStart(2, '0')}` : ''}`
}

/** ISO 8601 with the offset of this time zone: what a spreadsheet and a person both read. */
export function isoLocal(ms: number): string {
  const date = new Date(ms)
  const minutesEast = -date.getTimezoneOffset()
  const local = new Date(ms + minutesEast * 60_000).toISOString().slice(0, -1)
  const two = (value: number) => String(Math.trunc(Math.abs(value))).padStart(2, '0')
  return `${local}${minutesEast < 0 ? '-' : '+'}${two(minutesEast / 60)}:${two(minutesEast % 60)}`
}
