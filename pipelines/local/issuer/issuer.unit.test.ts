import { mkdtempSync, rmSync, statSync } from 'node:fs'
import { request } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createRemoteJWKSet, decodeProtectedHeader, jwtVerify } from 'jose'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { startProcess } from '#pipelines/testing/process.ts'
import { freePorts } from '../ports.ts'
import { type IssuerApp, startIssuer } from './app.ts'
import { signingKey } from './keys.ts'

let folder: string
let app: IssuerApp
let url: string

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'eshop-issuer-'))
  const { port } = await freePorts('port')
  url = `http://127.0.0.1:${port}`
  app = await startIssuer(
    { issuer: url, audience: 'eshop', key: await signingKey(folder) },
    { host: '127.0.0.1', port },
  )
})
afterEach(async () => {
  await app.close()
  rmSync(folder, { recursive: true })
})

function ask(body: unknown, type = 'application/json') {
  return fetch(`${url}/token`, { method: 'POST', headers: { 'content-type': type }, body: JSON.stringify(body) })
}

test('a token is an RFC 9068 access token that verifies with the published keys', async () => {
  const response = await ask({ sub: 'alice', roles: ['customer'], ttlSeconds: 60 })
  const { access_token, expires_in } = (await response.json()) as { access_token: string; expires_in: number }
  expect(expires_in).toBe(60)
  expect(decodeProtectedHeader(access_token)).toMatchObject({ alg: 'ES256', typ: 'at+jwt' })
  const metadata = (await (await fetch(`${url}/.well-known/openid-configuration`)).json()) as { jwks_uri: string }
  const { payload } = await jwtVerify(access_token, createRemoteJWKSet(new URL(metadata.jwks_uri)), {
    issuer: url,
    audience: 'eshop',
    typ: 'at+jwt',
  })
  expect(payload).toMatchObject({ sub: 'alice', roles: ['customer'] })
  expect((payload.exp ?? 0) - (payload.iat ?? 0)).toBe(60)
})

test('the published keys hold no private part', async () => {
  const { keys } = (await (await fetch(`${url}/.well-known/jwks.json`)).json()) as { keys: object[] }
  expect(keys).toHaveLength(1)
  expect(Object.keys(keys[0] ?? {}).sort()).toEqual(['alg', 'crv', 'kid', 'kty', 'use', 'x', 'y'])
})

test('the key stays the same, is its owner’s alone, and of two first starts at once one wins', async () => {
  const fresh = join(folder, 'fresh')
  const [a, b] = await Promise.all([signingKey(fresh), signingKey(fresh)])
  expect(b.id).toBe(a.id)
  expect((await signingKey(fresh)).id).toBe(a.id)
  expect(statSync(join(fresh, 'signing-key.json')).mode & 0o777).toBe(0o600)
})

test.each([
  ['no subject', { roles: ['customer'] }],
  ['an e-mail as subject', { sub: 'alice@shop.example', roles: ['customer'] }],
  ['no roles', { sub: 'alice', roles: [] }],
  ['a role that does not exist', { sub: 'alice', roles: ['king'] }],
  ['a lifetime beyond a day', { sub: 'alice', roles: ['customer'], ttlSeconds: 86_401 }],
  ['a property that does not exist', { sub: 'alice', roles: ['customer'], admin: true }],
  ['no object', ['alice']],
])('%s is refused', async (_case, body) => {
  const response = await ask(body)
  expect(response.status).toBe(400)
  expect(response.headers.get('content-type')).toBe('application/problem+json')
})

test('what a foreign web page could send is refused: a form’s content type, another host name', async () => {
  expect((await ask({ sub: 'alice', roles: ['admin'] }, 'text/plain')).status).toBe(415)
  const status = await new Promise((resolve, reject) => {
    const call = request(`${url}/.well-known/jwks.json`, { headers: { host: 'rebound.example' } }, (response) => {
      response.resume()
      resolve(response.statusCode)
    })
    call.on('error', reject)
    call.end()
  })
  expect(status).toBe(421)
})

test('it does not run in production', async () => {
  const issuer = startProcess(['pipelines/local/issuer/main.ts'], { env: { NODE_ENV: 'production', PORT: '0' } })
  expect(await issuer.exited).toEqual({ code: 2, signal: null })
  expect(issuer.output()).toContain('NODE_ENV=production')
})
