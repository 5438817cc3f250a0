import { RegistryUnavailable, SchemaIncompatible, SchemaInvalid } from './errors.ts'
import type { CompatibilityLevel, Registered, Registry } from './registry.ts'

export interface HttpRegistryOptions {
  /** The base of the Confluent API, for example `http://127.0.0.1:8081/apis/ccompat/v7`. User and password may stand in it. */
  readonly registryUrl: string
  readonly fetch?: typeof fetch
  /** How long one request may take, in milliseconds. Default 5 000. */
  readonly timeoutMs?: number
}

interface Answer {
  readonly status: number
  readonly body: Record<string, unknown>
}

/** Confluent's error codes for a subject, version or schema that does not exist. */
const NOT_FOUND = new Set([40401, 40402, 40403])
const CONTENT_TYPE = 'application/vnd.schemaregistry.v1+json'

/**
 * A registry with Confluent's REST API. Whatever is not an answer of such a registry (no connection, 401, 5xx, a 404 of something
 * else that listens there) is {@link RegistryUnavailable}: a record must never be given up because of it.
 */
export function httpRegistry({ registryUrl, fetch: send = fetch, timeoutMs = 5_000 }: HttpRegistryOptions): Registry {
  const { base, authorization } = splitCredentials(registryUrl)

  async function request(method: string, path: string, content?: object): Promise<Answer> {
    let response: Response
    let text: string
    try {
      response = await send(`${base}${path}`, {
        method,
        headers: { accept: CONTENT_TYPE, ...(content && { 'content-type': CONTENT_TYPE }), ...authorization },
        ...(content && { body: JSON.stringify(content) }),
        signal: AbortSignal.timeout(timeoutMs),
      })
      text = await response.text()
    } catch (cause) {
      throw new RegistryUnavailable({ url: base }, cause)
    }
    const { status } = response
    const body = parseObject(text)
    const known = response.ok || status === 409 || status === 422 || NOT_FOUND.has(Number(body?.error_code))
    if (!body || !known) throw new RegistryUnavailable({ url: base, status })
    return { status, body }
  }

  /** Ids and versions count from 1. Anything else would stand in every record that is written with it. */
  function counted(value: unknown, status: number): number {
    if (Number.isInteger(value) && (value as number) > 0) return value as number
    throw new RegistryUnavailable({ url: base, status })
  }

  async function find(subject: string, schema: string): Promise<Registered | undefined> {
    const { status, body } = await request('POST', `/subjects/${encodeURIComponent(subject)}`, { schema })
    if (status === 404) return undefined
    if (status >= 400) throw new SchemaInvalid({ subject, reason: String(body.message) })
    return { id: counted(body.id, status), version: counted(body.version, status) }
  }

  return {
    find,

    async schemaOf(id) {
      const { status, body } = await request('GET', `/schemas/ids/${id}`)
      if (status === 404) return undefined
      if (typeof body.schema !== 'string') throw new RegistryUnavailable({ url: base, status })
      return body.schema
    },

    async register(subject, schema) {
      const { status, body } = await request('POST', `/subjects/${encodeURIComponent(subject)}/versions`, { schema })
      const reason = String(body.message)
      if (status === 409) throw new SchemaIncompatible({ subject, reason })
      if (status >= 400) throw new SchemaInvalid({ subject, reason })
      const version = (await find(subject, schema))?.version
      return { id: counted(body.id, status), version: version ?? 0 }
    },

    async compatibility() {
      const { status, body } = await request('GET', '/config')
      if (typeof body.compatibilityLevel !== 'string') throw new RegistryUnavailable({ url: base, status })
      return body.compatibilityLevel as CompatibilityLevel
    },

    async setCompatibility(level, subject) {
      const path = subject === undefined ? '/config' : `/config/${encodeURIComponent(subject)}`
      const { status } = await request('PUT', path, { compatibility: level })
      if (status >= 400) throw new RegistryUnavailable({ url: base, status })
    },
  }
}

function splitCredentials(registryUrl: string): { base: string; authorization: Record<string, string> } {
  const url = new URL(registryUrl)
  const { username, password } = url
  url.username = ''
  url.password = ''
  const base = url.href.replace(/\/+$/, '')
  if (username === '') return { base, authorization: {} }
  const credentials = `${decodeURIComponent(username)}:${decodeURIComponent(password)}`
  return { base, authorization: { authorization: `Basic ${Buffer.from(credentials).toString('base64')}` } }
}

function parseObject(text: string): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(text)
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : undefined
  } catch {
    return undefined
  }
}
