import { exportJWK, generateKeyPair } from 'jose'
import { beforeAll, expect, test } from 'vitest'
import { silentLog } from '#pipelines/kernel/log.ts'
import { eventually } from '#pipelines/testing/eventually.ts'
import { remoteKeys } from './keys.ts'

let first: object
let second: object
beforeAll(async () => {
  const jwk = async (kid: string) => ({
    ...(await exportJWK((await generateKeyPair('ES256', { extractable: true })).publicKey)),
    kid,
    alg: 'ES256',
  })
  first = await jwk('first')
  second = await jwk('second')
})

/** An issuer whose answers a test sets. */
function issuer(keys: object[] | 'away') {
  const state = { keys, calls: 0 }
  const fetch = (async () => {
    state.calls++
    if (state.keys === 'away') throw new TypeError('fetch failed')
    return new Response(JSON.stringify({ keys: state.keys }))
  }) as typeof globalThis.fetch
  return { state, fetch }
}

const find = (keys: ReturnType<typeof remoteKeys>, kid: string) =>
  keys.find({ alg: 'ES256', kid }, { payload: '', signature: '' })

test('keys are read once and kept', async () => {
  const { state, fetch } = issuer([first])
  const keys = remoteKeys({ url: 'http://issuer.test', log: silentLog, fetch })
  await Promise.all([find(keys, 'first'), find(keys, 'first'), find(keys, 'first')])
  await find(keys, 'first')
  expect(state.calls).toBe(1)
})

test('a rotation is found by the first token of the new key', async () => {
  const { state, fetch } = issuer([first])
  const keys = remoteKeys({ url: 'http://issuer.test', log: silentLog, fetch, cooldownMs: 0 })
  await find(keys, 'first')
  state.keys = [first, second]
  await expect(find(keys, 'second')).resolves.toBeDefined()
})

test('invented key ids do not flood the issuer', async () => {
  const { state, fetch } = issuer([first])
  const keys = remoteKeys({ url: 'http://issuer.test', log: silentLog, fetch })
  for (let id = 0; id < 50; id++) await expect(find(keys, `invented-${id}`)).rejects.toThrow()
  expect(state.calls).toBe(1)
})

test('an issuer that goes away leaves the last good keys', async () => {
  const { state, fetch } = issuer([first])
  const keys = remoteKeys({ url: 'http://issuer.test', log: silentLog, fetch, refreshMs: 0, cooldownMs: 0 })
  await find(keys, 'first')
  state.keys = 'away'
  for (let time = 0; time < 5; time++) await expect(find(keys, 'first')).resolves.toBeDefined()
  expect(state.calls).toBeGreaterThan(1)
})

test('without any keys yet the caller is told to come back, and it recovers', async () => {
  const { state, fetch } = issuer('away')
  const keys = remoteKeys({ url: 'http://issuer.test', log: silentLog, fetch, cooldownMs: 20 })
  await expect(find(keys, 'first')).rejects.toMatchObject({ code: 'ISSUER_AWAY', retriable: true })
  await expect(keys.ready()).rejects.toMatchObject({ code: 'ISSUER_AWAY' })
  state.keys = [first]
  await eventually(async () => {
    await find(keys, 'first')
    return true
  })
})

test.each([
  ['an error', new Response('no', { status: 500 })],
  ['a page', new Response('<html>')],
  ['too much', new Response(`{"keys":[],"x":"${'x'.repeat(300_000)}"}`)],
])('%s is no key set', async (_name, response) => {
  const fetch = (async () => response.clone()) as typeof globalThis.fetch
  const keys = remoteKeys({ url: 'http://issuer.test', log: silentLog, fetch })
  await expect(keys.ready()).rejects.toMatchObject({ code: 'ISSUER_AWAY' })
})
