import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { CodedError } from '#pipelines/kernel/errors.ts'
import { newId } from '#pipelines/kernel/ids.ts'
import { type TestDatabase, testDatabase } from '#pipelines/testing/database.ts'
import { type Answer, idempotencyMigrations, once, pruneIdempotency, type Repeatable } from './idempotency.ts'

let database: TestDatabase
let request: Repeatable
let runs: number
beforeAll(async () => {
  database = await testDatabase({ migrations: idempotencyMigrations })
})
afterAll(() => database.close())
beforeEach(() => {
  request = { subject: 'alice', route: 'POST /v1/it', key: newId(), bodyHash: Buffer.from('body') }
  runs = 0
})

const accepted: Answer = { status: 202, body: { orderId: 'o1' }, headers: { location: '/o1' }, keep: '7 days' }

function send(answer: Answer = accepted, given: Partial<Repeatable> = {}) {
  return database.transaction((tx) =>
    once(tx, { ...request, ...given }, async () => {
      runs++
      return answer
    }),
  )
}

test('the same request again gets the same answer and does nothing', async () => {
  expect(await send()).toMatchObject({ ...accepted, replayed: false })
  const { status, body, headers, replayed } = await send()
  expect({ status, body, headers, replayed }).toEqual({
    status: 202,
    body: { orderId: 'o1' },
    headers: { location: '/o1' },
    replayed: true,
  })
  expect(runs).toBe(1)
})

test('another body under the same key is refused', async () => {
  await send()
  await expect(send(accepted, { bodyHash: Buffer.from('other') })).rejects.toMatchObject({
    status: 422,
    code: 'IDEMPOTENCY_KEY_REUSED',
  })
})

test.each([{ subject: 'bob' }, { route: 'POST /v1/other' }, { key: 'other' }])(
  'a key is of one subject and route: %j',
  async (given) => {
    await send()
    expect((await send(accepted, given)).replayed).toBe(false)
  },
)

test('while the first is at work the second is told to come back', async () => {
  let release = () => {}
  const held = new Promise<void>((resolve) => {
    release = resolve
  })
  let begun = () => {}
  const atWork = new Promise<void>((resolve) => {
    begun = resolve
  })
  const first = database.transaction((tx) =>
    once(tx, request, async () => {
      begun()
      await held
      return accepted
    }),
  )
  await atWork
  await expect(send()).rejects.toMatchObject({
    status: 409,
    code: 'IDEMPOTENCY_IN_FLIGHT',
    headers: { 'retry-after': '1' },
  })
  release()
  await first
  expect((await send()).replayed).toBe(true)
})

test('what failed may be tried again under its key', async () => {
  const failing = database.transaction((tx) =>
    once(tx, request, async () => {
      throw new CodedError('BROKEN', 'it broke')
    }),
  )
  await expect(failing).rejects.toMatchObject({ code: 'BROKEN' })
  expect((await send()).replayed).toBe(false)
})

test('an answer is gone with its effect when the transaction fails after it', async () => {
  const crashing = database.transaction(async (tx) => {
    await once(tx, request, async () => accepted)
    throw new CodedError('CRASH', 'before the commit')
  })
  await expect(crashing).rejects.toMatchObject({ code: 'CRASH' })
  expect((await send()).replayed).toBe(false)
})

test.each<[string, Answer]>([
  ['a refusal that the client can resolve', { status: 409, body: { code: 'PRICE_CHANGED' }, keep: 'no' }],
  ['a failure', { status: 503, body: {}, keep: '7 days' }],
])('%s is not kept', async (_name, answer) => {
  expect((await send(answer)).replayed).toBe(false)
  expect((await send()).replayed).toBe(false)
  expect(runs).toBe(2)
})

test('20 at once run it once', async () => {
  const results = await Promise.allSettled(Array.from({ length: 20 }, () => send()))
  for (const result of results) {
    if (result.status === 'rejected') expect(result.reason).toMatchObject({ code: 'IDEMPOTENCY_IN_FLIGHT' })
    else expect(result.value).toMatchObject({ status: 202, body: { orderId: 'o1' } })
  }
  const rows = await database.query('select 1 from http_idempotency where key = $1', [request.key])
  expect(rows).toHaveLength(1)
})

test('after 7 days a key is as new, but that of an answer kept for good stays', async () => {
  await send()
  const forGood = { key: newId() }
  await send({ ...accepted, keep: 'for good' }, forGood)
  await database.query(
    "update http_idempotency set expires_at = now() - interval '1 second' where expires_at is not null",
  )
  expect((await send(accepted, { bodyHash: Buffer.from('other') })).replayed).toBe(false)
  expect((await send(accepted, forGood)).replayed).toBe(true)
  await database.query(
    "update http_idempotency set expires_at = now() - interval '1 second' where expires_at is not null",
  )
  expect(await pruneIdempotency(database)).toBeGreaterThan(0)
  const left = await database.query<{ key: string }>('select key from http_idempotency')
  expect(left).toEqual([forGood])
})
