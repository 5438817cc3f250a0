import { createHash } from 'node:crypto'
import { decodeProtectedHeader, errors, type JWTPayload, jwtVerify } from 'jose'
import type { Clock } from '#pipelines/kernel/clock.ts'
import { SECOND } from '#pipelines/kernel/clock.ts'
import { CodedError } from '#pipelines/kernel/errors.ts'
import { holdsCardNumber } from '#pipelines/kernel/redaction.ts'
import { type Problem, unauthorized } from '../problems.ts'
import { type Authenticator, type Principal, ROLES, type Role } from '../types.ts'
import type { KeySource } from './keys.ts'

export interface AuthenticatorOptions {
  readonly issuer: string
  readonly audience: string
  readonly keys: KeySource
  readonly clock: Clock
  /** How far the issuer's clock may differ from ours. At most 60 s, default 30 s. */
  readonly leewayS?: number
}

const ALGORITHMS = ['ES256', 'EdDSA', 'RS256']
/** Header parameters by which a token could bring its own key, or ask for rules we do not know (RFC 8725, sections 3.5 and 3.10). */
const REFUSED_HEADERS = ['jwk', 'jku', 'x5u', 'x5c', 'crit', 'b64', 'zip'] as const
const MOST_CHARACTERS = 8192
/** A verified token is remembered this long: a key that the issuer withdraws stops working within it. */
const REMEMBER_MS = 30 * SECOND
const MOST_REMEMBERED = 5_000
const MAX_LEEWAY_S = 60

/**
 * Verifies access tokens as RFC 9068 and RFC 8725 ask: type `at+jwt`, an allow-list of algorithms, the issuer's keys and no others,
 * issuer, audience, expiry and not-before.
 */
export function createAuthenticator(options: AuthenticatorOptions): Authenticator {
  const { issuer, audience, keys, clock, leewayS = 30 } = options
  const remembered = new Map<string, { principal: Principal; until: number }>()

  async function verify(token: string): Promise<JWTPayload> {
    if (token.length > MOST_CHARACTERS) throw refuse('TOKEN_INVALID', 'the token is too long')
    const header = decodeProtectedHeader(token)
    if (REFUSED_HEADERS.some((name) => name in header))
      throw refuse('TOKEN_INVALID', 'the token header is not accepted')
    const { payload } = await jwtVerify(token, keys.find, {
      issuer,
      audience,
      algorithms: ALGORITHMS,
      typ: 'at+jwt',
      requiredClaims: ['exp', 'iat', 'sub'],
      clockTolerance: Math.min(leewayS, MAX_LEEWAY_S),
      currentDate: new Date(clock.now()),
    })
    return payload
  }

  return {
    async authenticate(token) {
      // The digest is the key: no usable token lies in memory longer than its request.
      const digest = createHash('sha256').update(token).digest('base64')
      const known = remembered.get(digest)
      if (known && known.until > clock.now()) return known.principal
      const payload = await verify(token).catch((error) => {
        throw explain(error)
      })
      const principal = principalOf(payload)
      if (remembered.size >= MOST_REMEMBERED) remembered.clear()
      const until = Math.min(clock.now() + REMEMBER_MS, ((payload.exp ?? 0) + leewayS) * SECOND)
      remembered.set(digest, { principal, until })
      return principal
    },
    ready: () => keys.ready(),
  }
}

/** @throws Problem 401 if the subject is not opaque: it goes into events and tables, where an e-mail or card number must never be */
function principalOf(payload: JWTPayload): Principal {
  const { sub } = payload
  if (typeof sub !== 'string' || !/^[\w.:|-]{1,128}$/.test(sub) || holdsCardNumber(sub)) {
    throw refuse('TOKEN_INVALID', 'the subject must be an opaque id of at most 128 letters, digits and . _ : | -')
  }
  const claimed = Array.isArray(payload.roles) ? payload.roles : []
  return { subject: sub, roles: new Set(claimed.filter((role): role is Role => ROLES.includes(role))) }
}

function explain(error: unknown): unknown {
  if (error instanceof CodedError) return error
  if (error instanceof errors.JWTExpired) return refuse('TOKEN_EXPIRED', 'the token has expired')
  if (error instanceof errors.JWTClaimValidationFailed) {
    return refuse('TOKEN_INVALID', `the claim ${error.claim} of the token is not accepted`)
  }
  return refuse('TOKEN_INVALID', 'the token is not a valid one of our issuer')
}

function refuse(code: string, detail: string): Problem {
  return unauthorized(code, detail)
}
