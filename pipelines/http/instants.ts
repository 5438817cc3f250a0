import { badRequest } from './problems.ts'

const FIRST_MS = Date.parse('0001-01-01T00:00:00Z')
const LAST_MS = Date.parse('9999-12-31T23:59:59.999Z')

/**
 * The instant of a date-time that the request's schema took (RFC 3339), for every store: a leap second is the second before it, an offset
 * without minutes has none, and what lies before the year 1 or after 9999 by its offset is the end of that span.
 * @throws Problem 400 `TIME_INVALID` for what is no instant all the same
 */
export function instantOf(text: string): Date {
  const day = text.slice(0, 'YYYY-MM-DD'.length)
  const time = text.slice(day.length + 1).toUpperCase() // whatever separates them, as old years want a T
  const usual = `${day}T${time.replace(/:60(?=\D|$)/, ':59').replace(/([+-]\d\d)$/, '$1:00')}`
  const ms = Date.parse(usual)
  if (Number.isNaN(ms))
    throw badRequest('TIME_INVALID', 'a time of the request is none: send it like 2026-01-31T09:30:00Z')
  return new Date(Math.min(Math.max(ms, FIRST_MS), LAST_MS))
}
