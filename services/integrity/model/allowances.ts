import { type Allowance, NOTHING } from './world.ts'

export interface Scope {
  readonly units: number
  readonly left: Allowance
}

const scope = (units: number, left: Partial<Allowance>): Scope => ({ units, left: { ...NOTHING, ...left } })

/** Explored in every `npm test`, in a few seconds. */
export const SMALL: readonly Scope[] = [
  scope(5, {}),
  scope(1, { cancels: 1, rewinds: 1 }),
  scope(5, { cancels: 1, ships: 1, rewinds: 1 }),
  scope(5, { cancels: 1, ships: 1, losses: 1 }),
  scope(5, { cancels: 1, lostCalls: 1 }),
  scope(5, { cancels: 1, reminders: 1 }),
]

/** Explored by `npm run test:integrity`. */
export const LARGE: readonly Scope[] = [
  scope(1, { cancels: 1, rewinds: 2, losses: 1, reminders: 1 }),
  scope(5, { cancels: 1, ships: 1, rewinds: 2 }),
  scope(5, { cancels: 1, ships: 1, losses: 2, lostCalls: 1 }),
  scope(5, { cancels: 1, lostCalls: 2, reminders: 1 }),
  scope(5, { cancels: 2, ships: 2, rewinds: 1, losses: 1, lostCalls: 1 }),
  scope(5, { cancels: 1, ships: 1, rewinds: 1, losses: 1, reminders: 1 }),
]

export function titleOf({ units, left }: Scope): string {
  const allowed = Object.entries(left).flatMap(([what, count]) => (count > 0 ? [`${count} ${what}`] : []))
  return `${units} units on the shelf, ${allowed.join(', ') || 'no faults'}`
}
