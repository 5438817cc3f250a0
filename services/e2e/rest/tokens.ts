import type { Role } from '#pipelines/http/types.ts'
import { CodedError } from '#pipelines/kernel/errors.ts'
import type { Transport } from './transport.ts'

/** Gives a token for a subject with a role, from the local issuer, kept until shortly before it expires. */
export type Tokens = (subject: string, role: Role) => Promise<string>

const TTL_S = 3600
const RENEW_BEFORE_MS = 60_000

export function localTokens(transport: Transport, identityUrl: string): Tokens {
  const kept = new Map<string, { token: string; until: number }>()
  return async (subject, role) => {
    const name = `${role} ${subject}`
    const known = kept.get(name)
    if (known && known.until > Date.now()) return known.token
    const body = { sub: subject, roles: [role], ttlSeconds: TTL_S }
    const { status, body: answer } = await transport.persist<{ access_token: string }>({
      method: 'POST',
      url: `${identityUrl}/token`,
      body,
    })
    if (status !== 200) throw new CodedError('NO_TOKEN', `the local issuer at ${identityUrl} gave no token (${status})`)
    kept.set(name, { token: answer.access_token, until: Date.now() + TTL_S * 1000 - RENEW_BEFORE_MS })
    return answer.access_token
  }
}
