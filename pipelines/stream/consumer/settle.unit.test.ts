import { expect, test } from 'vitest'
import type { Database } from '#pipelines/kernel/database.ts'
import { Unavailable } from '#pipelines/kernel/errors.ts'
import { silentLog } from '#pipelines/kernel/log.ts'
import { eventually } from '#pipelines/testing/eventually.ts'
import { createLimiter } from './limiter.ts'
import { noConsumerMetrics } from './metrics.ts'
import { createOutage } from './outage.ts'
import { recordSettling } from './settle.ts'
import type { Verdict } from './verdict.ts'

const record = { topic: 't', partition: 0, offset: '0', key: 'k', value: null, headers: {}, timestamp: 0 }
const tuning = {
  concurrency: 1,
  maxUnfinished: 64,
  maxAttempts: 5,
  backoffMs: 1,
  backoffCapMs: 1,
  commitEveryMs: 1,
  stallMs: 1_000,
  rejoinMs: 10_000,
  drainMs: 1_000,
  keepInboxMs: 1_000,
}

test('a rebalance that takes the one who was to try during an outage leaves the next one to try', async () => {
  const away: Verdict = { kind: 'outage', error: new Unavailable('DATABASE_AWAY', 'away') }
  const outage = createOutage(() => {})
  const limiter = createLimiter(1)
  let verdict: Verdict = away
  let tries = 0
  const settle = recordSettling({
    consumer: 'basket',
    database: {} as Database,
    handle: async () => {
      tries += 1
      return { verdict, event: undefined }
    },
    outage,
    limiter,
    metrics: noConsumerMetrics,
    log: silentLog,
    tuning,
  })
  const one = (signal: AbortSignal) => settle({ record, attempts: 0, isSuspect: false, waiting: () => {} }, signal)

  // 1. An outage begins. 2. The one who may try has to wait for a place, and loses its partition there.
  const assignment = new AbortController()
  const taken = one(assignment.signal)
  await eventually(() => tries === 1)
  const busy = Promise.withResolvers<void>()
  void limiter.run(() => busy.promise)
  await new Promise((resolve) => setTimeout(resolve, 250)) // longer than the wait before its next try
  assignment.abort()
  busy.resolve()
  expect(await taken).toBe(false)

  // 3. All is well again: whoever has the partition now finds out.
  verdict = { kind: 'finished', as: 'done' }
  expect(await one(AbortSignal.timeout(5_000))).toBe(true)
  expect(outage.code).toBeUndefined()
})
