import { expect, test, vi } from 'vitest'
import { backoffMs, closer, pause } from './lifecycle.ts'

test('parts close newest first, once, and all get their turn', async () => {
  const closed: string[] = []
  const all = closer()
  all.add({ close: async () => void closed.push('first') })
  all.add({
    close: async () => {
      throw new Error('stuck')
    },
  })
  all.add({ close: async () => void closed.push('last') })
  await expect(all.close()).rejects.toMatchObject({ code: 'CLOSE_FAILED' })
  await expect(all.close()).rejects.toMatchObject({ code: 'CLOSE_FAILED' })
  expect(closed).toEqual(['last', 'first'])
})

test('a pause ends early when the signal aborts', async () => {
  const controller = new AbortController()
  const waiting = pause(60_000, controller.signal)
  controller.abort()
  await waiting
  await pause(60_000, controller.signal)
})

test('a pause until a time that is over ends at once, and asks for no negative time, of which Node warns', async () => {
  const timer = vi.spyOn(globalThis, 'setTimeout')
  await pause(-5)
  expect(timer.mock.calls.map(([, ms]) => ms)).toEqual([0])
  timer.mockRestore()
})

test('backoff doubles, is capped, and keeps at least half of its ceiling', () => {
  const most = (attempt: number) => backoffMs(attempt, { baseMs: 100, capMs: 1000, random: () => 1 })
  expect([1, 2, 3, 4, 5, 50].map(most)).toEqual([100, 200, 400, 800, 1000, 1000])
  expect(backoffMs(3, { baseMs: 100, capMs: 1000, random: () => 0 })).toBe(200)
})
