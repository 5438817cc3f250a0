import { expect, test } from 'vitest'
import { seeded } from '#pipelines/kernel/chance.ts'
import { ACTIONS, POINTS } from '#pipelines/kernel/failpoint.ts'
import { everyStrike, OF_THE_INGEST_ALONE, PASSED_BY, PASSED_BY_TASKS, someKills } from './strikes.ts'

test('every point is struck with every action, in every part that passes it', () => {
  expect(new Set([...Object.values(PASSED_BY), ...Object.values(PASSED_BY_TASKS), OF_THE_INGEST_ALONE].flat())).toEqual(
    new Set(POINTS),
  )
  const strikes = everyStrike(seeded(1))
  const wanted = Object.values(PASSED_BY).flat().length * ACTIONS.length
  expect(new Set(strikes.map(({ part, point, action }) => `${part} ${point} ${action}`)).size).toBe(wanted)
  expect(strikes).toHaveLength(wanted)
  expect(everyStrike(seeded(1))).toEqual(strikes)
  expect(everyStrike(seeded(2))).not.toEqual(strikes)
})

test('some kills are spread over all parts', () => {
  const kills = someKills(16, seeded(3))
  expect(kills).toHaveLength(16)
  expect(new Set(kills.map(({ part }) => part)).size).toBe(6)
  expect(kills.every(({ action }) => action === 'kill')).toBe(true)
})
