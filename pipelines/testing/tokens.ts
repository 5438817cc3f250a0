import { randomUUID } from 'node:crypto'
import { type CryptoKey, exportJWK, generateKeyPair, type JSONWebKeySet, type JWTHeaderParameters, SignJWT } from 'jose'
import { createAuthenticator } from '#pipelines/http/auth/authenticator.ts'
import { fixedKeys } from '#pipelines/http/auth/keys.ts'
import type { Authenticator, Role } from '#pipelines/http/types.ts'
import { type Clock, systemClock } from '#pipelines/kernel/clock.ts'

export const TEST_ISSUER = 'http://issuer.test'
export const TEST_AUDIENCE = 'eshop'

export interface TokenOptions {
  readonly sub?: string
  readonly roles?: readonly (Role | string)[]
  /** Members of the header that replace the usual ones; `undefined` leaves one out. */
  readonly header?: Partial<JWTHeaderParameters>
  /** Claims that replace the usual ones; `undefined` leaves one out. */
  readonly claims?: Readonly<Record<string, unknown>>
}

/** An issuer for tests: its key exists only in this process. */
export interface TestIssuer {
  readonly keys: JSONWebKeySet
  readonly privateKey: CryptoKey
  readonly auth: Authenticator
  token(options?: TokenOptions): Promise<string>
  /** Headers of a call by someone with these roles. */
  bearer(role: Role, sub?: string): Promise<{ authorization: string }>
}

export async function testIssuer({ clock = systemClock }: { clock?: Clock } = {}): Promise<TestIssuer> {
  const { publicKey, privateKey } = await generateKeyPair('ES256', { extractable: true })
  const keys: JSONWebKeySet = { keys: [{ ...(await exportJWK(publicKey)), kid: 'test', alg: 'ES256', use: 'sig' }] }
  const auth = createAuthenticator({ issuer: TEST_ISSUER, audience: TEST_AUDIENCE, keys: fixedKeys(keys), clock })

  async function token({ sub = 'alice', roles = ['customer'], header = {}, claims = {} }: TokenOptions = {}) {
    const now = Math.floor(clock.now() / 1000)
    const usual = { iss: TEST_ISSUER, aud: TEST_AUDIENCE, sub, roles, client_id: 'test' }
    return await new SignJWT({ ...usual, iat: now, exp: now + 600, jti: randomUUID(), ...claims })
      .setProtectedHeader({ alg: 'ES256', typ: 'at+jwt', kid: 'test', ...header })
      .sign(privateKey)
  }
  return {
    keys,
    privateKey,
    auth,
    token,
    bearer: async (role, sub) => ({
      authorization: `Bearer ${await token({ roles: [role], ...(sub !== undefined && { sub }) })}`,
    }),
  }
}
