import { randomUUID } from 'node:crypto'
import { SignJWT } from 'jose'
import type { SigningKey } from './keys.ts'

/** Who a token is for, checked. */
export interface TokenRequest {
  readonly sub: string
  readonly roles: readonly string[]
  readonly ttlSeconds: number
}

export interface Issuer {
  /** The `iss` claim: the issuer's base URL. */
  readonly issuer: string
  readonly audience: string
  readonly key: SigningKey
}

/** A signed JWT access token (RFC 9068). */
export function signAccessToken(
  { issuer, audience, key }: Issuer,
  { sub, roles, ttlSeconds }: TokenRequest,
): Promise<string> {
  return new SignJWT({ roles: [...roles], client_id: 'eshop-cli' })
    .setProtectedHeader({ alg: 'ES256', typ: 'at+jwt', kid: key.id })
    .setIssuer(issuer)
    .setAudience(audience)
    .setSubject(sub)
    .setJti(randomUUID())
    .setIssuedAt()
    .setExpirationTime(`${ttlSeconds}s`)
    .sign(key.privateKey)
}
