import { nextDue, nextDues } from './due.ts'
import type { Stored } from './store.ts'

/** The due times of a schedule to come, ISO 8601: from where it stands, or after a given time (milliseconds). */
export function upcoming({ due, nextDueMs, nowMs }: Stored, count: number, afterMs?: number): readonly string[] {
  const iso = (times: readonly number[]) => times.map((time) => new Date(time).toISOString())
  if (afterMs !== undefined) return iso(nextDues(due, afterMs, count))
  const first = nextDueMs !== null && nextDueMs >= nowMs ? nextDueMs : nextDue(due, nowMs)
  return first === undefined ? [] : iso([first, ...nextDues(due, first, count - 1)])
}
