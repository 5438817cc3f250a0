import { expect, test } from 'vitest'
import { eventually } from './eventually.ts'

test('it asks until there is an answer, also one that is 0 or empty', async () => {
  let asked = 0
  expect(await eventually(() => (++asked < 3 ? undefined : 0), { everyMs: 1 })).toBe(0)
  expect(asked).toBe(3)
  expect(await eventually(() => '')).toBe('')
})

test('an expectation that does not hold yet is asked again', async () => {
  let value = 0
  await eventually(
    () => {
      expect(++value).toBe(3)
      return true
    },
    { everyMs: 1 },
  )
})

test('what never happens is named, with the last answer', async () => {
  const never = eventually(() => false, { withinMs: 20, everyMs: 5, what: 'the order to be paid' })
  await expect(never).rejects.toMatchObject({
    code: 'NEVER_HAPPENED',
    message: expect.stringMatching(/the order to be paid did not happen within 20 ms: the last answer was false/),
  })
})

test('the last error is told', async () => {
  const never = eventually(() => Promise.reject(new TypeError('no such row')), { withinMs: 20, everyMs: 5 })
  await expect(never).rejects.toThrow('no such row')
})

test('the time counts anew with each progress, and runs out when there is none', async () => {
  const began = performance.now()
  const rows = () => Math.floor((performance.now() - began) / 30)
  await eventually(() => rows() >= 20, { withinMs: 200, everyMs: 5, progress: rows })
  expect(performance.now() - began).toBeGreaterThan(400)
  const stuck = eventually(() => false, { withinMs: 50, everyMs: 5, progress: () => 7 })
  await expect(stuck).rejects.toThrow('within 50 ms of the last progress (7)')
})

test('a progress that cannot be asked for shows none', async () => {
  const away = eventually(() => false, { withinMs: 50, everyMs: 5, progress: () => Promise.reject(new Error('away')) })
  await expect(away).rejects.toMatchObject({ code: 'NEVER_HAPPENED' })
})
