import { createLocalJWKSet, errors, type JSONWebKeySet, type JWTVerifyGetKey } from 'jose'
import { MINUTE, SECOND } from '#pipelines/kernel/clock.ts'
import { messageOf, Unavailable } from '#pipelines/kernel/errors.ts'
import type { Log } from '#pipelines/kernel/log.ts'

/** Finds the key of a token by its header. */
export interface KeySource {
  readonly find: JWTVerifyGetKey
  /** Resolves when keys are at hand. */
  ready(): Promise<void>
}

/** Keys that are known beforehand: for tests. */
export function fixedKeys(keys: JSONWebKeySet): KeySource {
  return { find: createLocalJWKSet(keys), ready: async () => {} }
}

export interface RemoteKeysOptions {
  /** Address of the issuer's key set (JWKS, RFC 7517). */
  readonly url: string
  readonly log: Log
  /** After this age the keys are read anew, in the background. Default 10 minutes. */
  readonly refreshMs?: number
  /** Least time between two readings: tokens with invented key ids cannot make us flood the issuer. Default 30 s. */
  readonly cooldownMs?: number
  readonly fetch?: typeof fetch
}

const FETCH_LIMIT_MS = 3 * SECOND
const MOST_BYTES = 256 * 1024

/**
 * Reads the issuer's keys over HTTP and keeps the last good ones when it is away, however long. A token with an unknown key id makes
 * them be read again, at most once per cooldown, so a rotation needs no restart.
 */
export function remoteKeys(options: RemoteKeysOptions): KeySource {
  const { url, log, refreshMs = 10 * MINUTE, cooldownMs = 30 * SECOND, fetch: get = fetch } = options
  let good: { keys: ReturnType<typeof createLocalJWKSet>; readAt: number } | undefined
  let triedAt = Number.NEGATIVE_INFINITY
  let reading: Promise<void> | undefined

  async function read(): Promise<void> {
    triedAt = performance.now()
    try {
      const answer = await get(url, { redirect: 'error', signal: AbortSignal.timeout(FETCH_LIMIT_MS) })
      if (!answer.ok) throw new Unavailable('ISSUER_AWAY', `the key set answered ${answer.status}`)
      const text = await answer.text()
      if (text.length > MOST_BYTES) throw new Unavailable('ISSUER_AWAY', 'the key set is too large')
      good = { keys: createLocalJWKSet(JSON.parse(text) as JSONWebKeySet), readAt: performance.now() }
    } catch (error) {
      log.warn({ url, reason: messageOf(error), keptLastGood: good !== undefined }, 'the issuer gave no keys')
    }
  }
  const refresh = (): Promise<void> => {
    reading ??= read().finally(() => {
      reading = undefined
    })
    return reading
  }
  const mayTry = () => performance.now() - triedAt >= cooldownMs

  async function current() {
    // Before the first success every request may try (after a short pause): a service that starts before its issuer must recover at once.
    if (!good && (reading || performance.now() - triedAt >= Math.min(cooldownMs, SECOND))) await refresh()
    if (!good) throw new Unavailable('ISSUER_AWAY', 'the keys of the token issuer cannot be read')
    if (performance.now() - good.readAt >= refreshMs && mayTry()) void refresh()
    return good
  }

  return {
    async find(header, token) {
      const { keys } = await current()
      try {
        return await keys(header, token)
      } catch (error) {
        if (!(error instanceof errors.JWKSNoMatchingKey) || !(mayTry() || reading)) throw error
        await refresh()
        return (await current()).keys(header, token)
      }
    },
    ready: async () => void (await current()),
  }
}
