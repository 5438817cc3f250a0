import { expect, it } from 'vitest'
import { createLane } from './lanes.ts'

const LIMITS = { atOnce: 1, perAsker: 1, waiting: 10, waitMs: 10_000 }
const here = () => new AbortController()

function gate() {
  const { promise, resolve } = Promise.withResolvers<void>()
  return { work: () => promise, open: resolve }
}

it('runs so many at once, the others in order of arrival', async () => {
  const lane = createLane('reads', { ...LIMITS, atOnce: 2, perAsker: 2 })
  const order: number[] = []
  const gates = [gate(), gate(), gate(), gate()]
  const runs = gates.map(({ work }, i) =>
    lane.run(
      'a',
      async () => {
        order.push(i)
        await work()
      },
      here().signal,
    ),
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
  const lane = createLane('reads', { ...LIMITS, waiting: 1 })
  const first = gate()
  const running = lane.run('a', first.work, here().signal)
  const leaving = here()
  const waiting = lane.run('a', async () => 'ran', leaving.signal)
  await expect(lane.run('a', async () => {}, here().signal)).rejects.toMatchObject({
    code: 'TOO_MANY_SIMULTANEOUS_QUERIES',
  })
  leaving.abort()
  await expect(waiting).rejects.toMatchObject({ code: 'QUERY_WAS_CANCELLED' })
  const next = lane.run('a', async () => 'next', here().signal)
  first.open()
  await running
  expect(await next).toBe('next')
  expect(lane.running).toBe(0)
})

it('gives the place back when the work fails', async () => {
  const lane = createLane('reads', { ...LIMITS, waiting: 0 })
  await expect(lane.run('a', () => Promise.reject(new RangeError('no')), here().signal)).rejects.toThrow('no')
  expect(await lane.run('a', async () => 1, here().signal)).toBe(1)
})

it('lets another asker past those whose share is used up', async () => {
  const lane = createLane('reads', { ...LIMITS, atOnce: 3, perAsker: 2 })
  const order: string[] = []
  const gates = [gate(), gate(), gate(), gate()]
  const runs = ['greedy', 'greedy', 'greedy', 'modest'].map((asker, i) =>
    lane.run(
      asker,
      async () => {
        order.push(`${asker} ${i}`)
        await gates[i]?.work()
      },
      here().signal,
    ),
  )
  await Promise.resolve()
  expect(order).toEqual(['greedy 0', 'greedy 1', 'modest 3'])
  gates[3]?.open()
  await runs[3]
  await new Promise(setImmediate)
  expect(order).toHaveLength(3)
  gates[0]?.open()
  await runs[0]
  await new Promise(setImmediate)
  expect(order[3]).toBe('greedy 2')
  for (const { open } of gates) open()
  await Promise.all(runs)
  expect(lane.running).toBe(0)
})

it('refuses whoever has waited too long', async () => {
  const lane = createLane('reads', { ...LIMITS, waitMs: 20 })
  const first = gate()
  const running = lane.run('a', first.work, here().signal)
  await expect(lane.run('b', async () => {}, here().signal)).rejects.toMatchObject({
    code: 'TOO_MANY_SIMULTANEOUS_QUERIES',
    message: expect.stringContaining('0.02 s'),
  })
  first.open()
  await running
  expect(lane.running).toBe(0)
})
