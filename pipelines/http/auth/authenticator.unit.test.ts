import { generateKeyPairSync } from 'node:crypto'
import { exportJWK, generateKeyPair, SignJWT, UnsecuredJWT } from 'jose'
import { beforeAll, describe, expect, test } from 'vitest'
import { type FakeClock, fakeClock } from '#pipelines/testing/fake-clock.ts'
import {
  TEST_AUDIENCE,
  TEST_ISSUER,
  type TestIssuer,
  type TokenOptions,
  testIssuer,
} from '#pipelines/testing/tokens.ts'
import { createAuthenticator } from './authenticator.ts'
import { fixedKeys } from './keys.ts'

const NOW = Date.UTC(2026, 10, 22)
let clock: FakeClock
let issuer: TestIssuer
beforeAll(async () => {
  clock = fakeClock(NOW)
  issuer = await testIssuer({ clock })
})

const seconds = (offset: number) => NOW / 1000 + offset

test('a good token gives the subject and its roles, unknown roles left out', async () => {
  const token = await issuer.token({ sub: 'auth0|7f3a', roles: ['customer', 'support', 'emperor'] })
  const principal = await issuer.auth.authenticate(token)
  expect(principal.subject).toBe('auth0|7f3a')
  expect([...principal.roles]).toEqual(['customer', 'support'])
})

describe('refused is a token', () => {
  test.each<[string, TokenOptions]>([
    ['that is not an access token', { header: { typ: 'JWT' } }],
    ['without a type', { header: { typ: undefined } as never }],
    ['with a key of its own', { header: { jwk: { kty: 'EC' } as never } }],
    ['that points to keys elsewhere (jku)', { header: { jku: 'http://evil.test/keys' } }],
    ['that points to keys elsewhere (x5u)', { header: { x5u: 'http://evil.test/keys' } }],
    ['with a key id like a path', { header: { kid: '../../dev/null' } }],
    ['with a key id nobody knows', { header: { kid: 'other' } }],
    ['of another issuer', { claims: { iss: 'http://evil.test' } }],
    ['without an issuer', { claims: { iss: undefined } }],
    ['for another audience', { claims: { aud: 'elsewhere' } }],
    ['without an audience', { claims: { aud: undefined } }],
    ['without an end', { claims: { exp: undefined } }],
    ['that ended a minute ago', { claims: { exp: seconds(-61) } }],
    ['that is not valid yet', { claims: { nbf: seconds(61) } }],
    ['without a subject', { claims: { sub: undefined } }],
    ['whose subject is an e-mail', { sub: 'alice@example.test' }],
    ['whose subject is a card number', { sub: '4111111111111111' }],
    ['whose subject is too long', { sub: 'a'.repeat(129) }],
    ['whose end is text', { claims: { exp: '2099-01-01' } }],
  ])('%s', async (_name, options) => {
    const token = await issuer.token(options)
    await expect(issuer.auth.authenticate(token)).rejects.toMatchObject({ status: 401 })
  })

  test('with a critical extension', async () => {
    const token = await issuer.token()
    const [, payload, signature] = token.split('.')
    const header = Buffer.from('{"alg":"ES256","typ":"at+jwt","kid":"test","crit":["x"],"x":1}').toString('base64url')
    await expect(issuer.auth.authenticate(`${header}.${payload}.${signature}`)).rejects.toMatchObject({ status: 401 })
  })

  test('that is not signed', async () => {
    const claims = {
      iss: TEST_ISSUER,
      aud: TEST_AUDIENCE,
      sub: 'alice',
      roles: ['admin'],
      exp: seconds(60),
      iat: seconds(0),
    }
    await expect(issuer.auth.authenticate(new UnsecuredJWT(claims).encode())).rejects.toMatchObject({ status: 401 })
  })

  test('signed with our public key as a shared secret', async () => {
    const { publicKey } = generateKeyPairSync('rsa', { modulusLength: 2048 })
    const pem = publicKey.export({ type: 'spki', format: 'pem' }) as string
    const jwk = { ...(await exportJWK(publicKey)), kid: 'rsa', alg: 'RS256' }
    const auth = createAuthenticator({
      issuer: TEST_ISSUER,
      audience: TEST_AUDIENCE,
      keys: fixedKeys({ keys: [jwk] }),
      clock,
    })
    const token = await new SignJWT({
      sub: 'alice',
      iss: TEST_ISSUER,
      aud: TEST_AUDIENCE,
      iat: seconds(0),
      exp: seconds(60),
    })
      .setProtectedHeader({ alg: 'HS256', typ: 'at+jwt', kid: 'rsa' })
      .sign(Buffer.from(pem))
    await expect(auth.authenticate(token)).rejects.toMatchObject({ status: 401, code: 'TOKEN_INVALID' })
  })

  test('of a stranger with the right key id', async () => {
    const { privateKey } = await generateKeyPair('ES256')
    const token = await new SignJWT({
      sub: 'alice',
      iss: TEST_ISSUER,
      aud: TEST_AUDIENCE,
      iat: seconds(0),
      exp: seconds(60),
    })
      .setProtectedHeader({ alg: 'ES256', typ: 'at+jwt', kid: 'test' })
      .sign(privateKey)
    await expect(issuer.auth.authenticate(token)).rejects.toMatchObject({ status: 401 })
  })

  test('with another payload than was signed', async () => {
    const [header, , signature] = (await issuer.token()).split('.')
    const payload = Buffer.from(JSON.stringify({ sub: 'alice', roles: ['admin'], exp: seconds(60) })).toString(
      'base64url',
    )
    await expect(issuer.auth.authenticate(`${header}.${payload}.${signature}`)).rejects.toMatchObject({ status: 401 })
  })

  test.each(['', 'a.b.c', 'nonsense', 'x'.repeat(9_000)])('that is no token', async (text) => {
    await expect(issuer.auth.authenticate(text)).rejects.toMatchObject({ status: 401 })
  })
})

test('the clocks may differ a little', async () => {
  const late = await issuer.token({ claims: { exp: seconds(-20), iat: seconds(-600) } })
  await expect(issuer.auth.authenticate(late)).resolves.toBeDefined()
})

test('a token that was good ends when it ends', async () => {
  const token = await issuer.token({ claims: { exp: seconds(10) } })
  await issuer.auth.authenticate(token)
  clock.advance(41_000)
  await expect(issuer.auth.authenticate(token)).rejects.toMatchObject({ code: 'TOKEN_EXPIRED' })
  clock.set(NOW)
})
