import { expect, test, vi } from 'vitest'
import { CodedError, Unavailable } from './errors.ts'
import { silentLog } from './log.ts'
import { kickable, startLoop } from './loop.ts'

const HOUR = 3_600_000

test('a loop runs at once, again when kicked, and never overlaps itself', async () => {
  let running = 0
  let rounds = 0
  let release = () => {}
  const loop = kickable({
    name: 'test',
    everyMs: HOUR,
    async run() {
      expect(++running).toBe(1)
      rounds++
      await new Promise<void>((resolve) => {
        release = resolve
      })
      running--
    },
  })
  const started = startLoop(loop, silentLog)
  await vi.waitFor(() => expect(rounds).toBe(1))
  loop.kick()
  loop.kick()
  release()
  await vi.waitFor(() => expect(rounds).toBe(2))
  release()
  await vi.waitFor(() => expect(running).toBe(0))
  loop.kick()
  await vi.waitFor(() => expect(rounds).toBe(3))
  const closed = started.close()
  release()
  await closed
  loop.kick()
  expect(rounds).toBe(3)
})

test('close aborts the round in hand and waits for it', async () => {
  let ended = false
  const started = startLoop(
    {
      name: 'test',
      everyMs: HOUR,
      async run(signal) {
        await new Promise<void>((resolve) => signal.addEventListener('abort', () => setTimeout(resolve, 20)))
        ended = true
      },
    },
    silentLog,
  )
  await started.close()
  expect(ended).toBe(true)
})

test('a round that fails does not end the loop', async () => {
  let rounds = 0
  const run = async () => {
    if (++rounds === 1) throw new CodedError('ONCE', 'fails once')
  }
  const started = startLoop({ name: 'test', everyMs: 1, run }, silentLog)
  await vi.waitFor(() => expect(rounds).toBeGreaterThan(2), 3_000)
  await started.close()
})

test('a loop whose next round is a day away is tried again soon after it failed', async () => {
  let rounds = 0
  const run = async () => {
    if (++rounds < 3) throw new Unavailable('AWAY', 'fails twice')
  }
  const started = startLoop({ name: 'test', everyMs: 24 * HOUR, run }, silentLog)
  await vi.waitFor(() => expect(rounds).toBe(3), 5_000)
  await started.close()
})
