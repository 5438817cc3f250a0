import { ROLES, type Role } from '#pipelines/http/types.ts'
import { HOUR, SECOND } from '#pipelines/kernel/clock.ts'
import { UsageError } from '#pipelines/kernel/errors.ts'
import type { TokenRequest } from './access-token.ts'

const DEFAULT_TTL_SECONDS = HOUR / SECOND
const MAX_TTL_SECONDS = (24 * HOUR) / SECOND
const SUBJECT = /^[\w.:|-]{1,128}$/

/** Checks what was asked for. @throws UsageError `TOKEN_REQUEST_INVALID` naming the field and what it may be */
export function tokenRequest(body: unknown): TokenRequest {
  if (typeof body !== 'object' || body === null || Array.isArray(body)) throw invalid('send {"sub": …, "roles": […]}')
  const { sub, roles, ttlSeconds = DEFAULT_TTL_SECONDS, ...unknown } = body as Record<string, unknown>
  const [extra] = Object.keys(unknown)
  if (extra !== undefined) throw invalid(`there is no property ${extra}: sub, roles, ttlSeconds`)
  if (typeof sub !== 'string' || !SUBJECT.test(sub))
    throw invalid('sub must be an opaque id: 1 to 128 letters, digits and . _ : | -')
  if (!Array.isArray(roles) || roles.length === 0 || !roles.every(isRole))
    throw invalid(`roles must be some of ${ROLES.join(', ')}`)
  if (typeof ttlSeconds !== 'number' || !Number.isInteger(ttlSeconds) || ttlSeconds < 1 || ttlSeconds > MAX_TTL_SECONDS)
    throw invalid(`ttlSeconds must be 1 to ${MAX_TTL_SECONDS}`)
  return { sub, roles, ttlSeconds }
}

function isRole(value: unknown): value is Role {
  return ROLES.includes(value as Role)
}

function invalid(message: string): UsageError {
  return new UsageError('TOKEN_REQUEST_INVALID', message)
}
