import { describe, expect, test } from 'vitest'
import { LARGE, titleOf } from './allowances.ts'
import { explore } from './explore.ts'
import { newWorld } from './world.ts'

describe('an order, in every interleaving', () => {
  test.each(LARGE.map((scope) => [titleOf(scope), scope] as const))('%s', (title, { units, left }) => {
    const began = performance.now()
    const { fault, states, moves, depth, ends } = explore(newWorld(units, left))
    console.log(
      `${title}: ${states} states, ${moves} moves, at most ${depth} deep, ${Object.keys(ends).length} kinds of end, ${Math.round((performance.now() - began) / 1000)} s`,
    )
    expect(fault).toBeUndefined()
    expect(states).toBeGreaterThan(4_000)
  })
})
