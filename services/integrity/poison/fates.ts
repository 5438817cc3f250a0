import { expect } from 'vitest'
import type { Poison } from './poisons.ts'

/** The promise: a poison is put aside, and its partition goes on, within this time. What is tried again has used up its attempts in 3 s. */
export const WITHIN_MS = 5_000

/** A dead letter, as far as a poison is concerned. */
export interface Letter {
  readonly key: string | null
  readonly code: string
  readonly reason: string
  readonly payload: Buffer | null
}

/** One dead letter with the code that it must have, a reason and the very bytes; or none at all. */
export function expectFate(place: string, { value, fate }: Poison, letters: readonly Letter[]): void {
  if (fate === 'passes') {
    expect({ place, letters }).toEqual({ place, letters: [] })
    return
  }
  expect({ place, count: letters.length }).toEqual({ place, count: 1 })
  const [letter] = letters
  expect({ place, code: letter?.code }).toEqual({
    place,
    code: typeof fate === 'string' ? fate : expect.stringMatching(fate),
  })
  expect(letter?.payload ?? null, place).toEqual(value)
  expect(letter?.reason.length, place).toBeGreaterThan(5)
}
