import { expect, it } from 'vitest'
import { createLane } from './lanes.ts'

const here = () => new AbortController()

function gate() {
  const { promise, resolve } = Promise.withResolvers<void>()
  return { work: () => promise, open: resolve }
}

it('runs so many at once, the others in order of arrival', async () => {
  const lane = createLane('reads', { atOnce: 2, waiting: 10 })
  const order: number[] = []
  const gates = [gate(), gate(), gate(), gate()]
  const runs = gates.map(({ work }, i) =>
    lane.run(async () => {
      order.push(i)
      await work()
    }, here().signal),
  )
  await Promise.resolve()
  expect(order).toEqual([0, 1])
  gates[1]?.open()
  await runs[1]
  await new Promise(setImmediate)
  expect(order).toEqual([0, 1, 2])
  for (const { open } of gates) open()
  await Promise.all(runs)
  expect(order).toEqual([0, 1, 2, 3])
  expect(lane.running).toBe(0)
})

it('refuses at once when too many wait, and lets those go who leave while they wait', async () => {
  const lane = createLane('reads', { atOnce: 1, waiting: 1 })
  const first = gate()
  const running = lane.run(first.work, here().signal)
  const leaving = here()
  const waiting = lane.run(async () => 'ran', leaving.signal)
  await expect(lane.run(async () => {}, here().signal)).rejects.toMatchObject({ code: 'TOO_MANY_SIMULTANEOUS_QUERIES' })
  leaving.abort()
  await expect(waiting).rejects.toMatchObject({ code: 'QUERY_WAS_CANCELLED' })
  const next = lane.run(async () => 'next', here().signal)
  first.open()
  await running
  expect(await next).toBe('next')
  expect(lane.running).toBe(0)
})

it('gives the place back when the work fails', async () => {
  const lane = createLane('reads', { atOnce: 1, waiting: 0 })
  await expect(lane.run(() => Promise.reject(new RangeError('no')), here().signal)).rejects.toThrow('no')
  expect(await lane.run(async () => 1, here().signal)).toBe(1)
})
