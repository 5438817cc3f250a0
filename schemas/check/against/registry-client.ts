import { CheckError } from '../errors.ts'

export interface RegistryOptions {
  /** Base URL of the Confluent-compatible API; `user:password@` in it is sent as basic authentication. */
  readonly url: string
  /** How long one request may take, in milliseconds. */
  readonly timeoutMs: number
  /** A bearer token, where the registry wants one. */
  readonly token?: string
}

/** What a registry answers for one version. */
export interface RegisteredVersion {
  readonly version: number
  readonly id: number
  readonly schema: string
  readonly schemaType?: string
  readonly references?: readonly { readonly name: string; readonly subject: string; readonly version: number }[]
}

const MIME = 'application/vnd.schemaregistry.v1+json'
const NOT_FOUND = 404
const MAX_REASON = 500
const API_HINT = 'Is this the URL of a Confluent-compatible API? Apicurio has it at /apis/ccompat/v7.'

/** The few calls of the Confluent REST API that are needed. Every failure says which registry, what, and what to do. */
export class RegistryClient {
  readonly #base: string
  readonly #headers: Readonly<Record<string, string>>
  readonly #timeoutMs: number
  /** The URL without secrets, for messages. */
  readonly shownAs: string

  constructor({ url, timeoutMs, token }: RegistryOptions) {
    const parsed = new URL(url)
    const { username, password } = parsed
    parsed.username = ''
    parsed.password = ''
    this.#base = parsed.href.replace(/\/+$/, '')
    this.shownAs = this.#base
    this.#timeoutMs = timeoutMs
    const basic = Buffer.from(`${decodeURIComponent(username)}:${decodeURIComponent(password)}`).toString('base64')
    const authorization = username !== '' ? `Basic ${basic}` : token === undefined ? undefined : `Bearer ${token}`
    this.#headers = { accept: `${MIME}, application/json`, ...(authorization === undefined ? {} : { authorization }) }
  }

  async subjects(): Promise<readonly string[]> {
    const subjects = await this.#get<readonly string[]>('/subjects')
    if (Array.isArray(subjects)) return subjects
    // Taken for an empty registry, a wrong URL would make everything compatible.
    throw this.#error('REGISTRY', 'has no list of subjects', API_HINT)
  }

  /** Version numbers, oldest first; none for a subject the registry does not know. */
  async versions(subject: string): Promise<readonly number[]> {
    const versions = await this.#get<readonly number[]>(`/subjects/${encodeURIComponent(subject)}/versions`)
    if (versions === undefined || Array.isArray(versions)) return versions ?? []
    throw this.#error('REGISTRY', `has no list of the versions of ${subject}`, API_HINT)
  }

  async version(subject: string, version: number): Promise<RegisteredVersion> {
    const found = await this.#get<RegisteredVersion>(`/subjects/${encodeURIComponent(subject)}/versions/${version}`)
    if (found === undefined)
      throw this.#error('REGISTRY_GAP', `lists version ${version} of ${subject} and does not have it`)
    if (typeof found?.schema !== 'string')
      throw this.#error('REGISTRY', `gives no schema for version ${version} of ${subject}`, API_HINT)
    return found
  }

  /** Whether the registry would take the schema as the next version of a subject, and why not. */
  async accepts(
    subject: string,
    schema: string,
  ): Promise<{ readonly ok: boolean; readonly messages: readonly string[] }> {
    const path = `/compatibility/subjects/${encodeURIComponent(subject)}/versions?verbose=true`
    const answer = await this.#call<{ is_compatible: boolean; messages?: readonly string[] }>('POST', path, { schema })
    return { ok: answer?.is_compatible !== false, messages: answer?.messages ?? [] }
  }

  /** Registers a schema and returns its id; the same schema again keeps its id. */
  async register(subject: string, schema: string): Promise<number> {
    const answer = await this.#call<{ id: number }>('POST', `/subjects/${encodeURIComponent(subject)}/versions`, {
      schema,
    })
    if (answer === undefined) throw this.#error('REGISTRY', `did not register ${subject}`)
    return answer.id
  }

  /** The compatibility level of one subject. */
  async setLevel(subject: string, compatibility: string): Promise<void> {
    await this.#call('PUT', `/config/${encodeURIComponent(subject)}`, { compatibility })
  }

  #get<T>(path: string): Promise<T | undefined> {
    return this.#call<T>('GET', path)
  }

  async #call<T>(method: string, path: string, body?: unknown): Promise<T | undefined> {
    const { status, text } = await this.#ask(method, path, body)
    if (status === NOT_FOUND) return undefined
    if (status === 401 || status === 403) {
      throw this.#error(
        'REGISTRY_AUTH',
        `refuses access (${status})`,
        'Put user:password@ into the URL, or set SCHEMA_REGISTRY_TOKEN.',
      )
    }
    if (status >= 300)
      throw this.#error(
        'REGISTRY',
        `answered ${status} to ${method} ${path}${reasonIn(text)}`,
        status >= 500 ? 'Try again, look into its log, or compare against the lock file.' : undefined,
      )
    try {
      return JSON.parse(text) as T
    } catch {
      throw this.#error('REGISTRY', `did not answer with JSON to ${path}`, API_HINT)
    }
  }

  /** The whole answer, within the time: a registry may also stop in the middle of it. */
  async #ask(method: string, path: string, body: unknown): Promise<{ readonly status: number; readonly text: string }> {
    try {
      const response = await fetch(`${this.#base}${path}`, {
        method,
        headers: { ...this.#headers, ...(body === undefined ? {} : { 'content-type': MIME }) },
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
        signal: AbortSignal.timeout(this.#timeoutMs),
      })
      return { status: response.status, text: await response.text() }
    } catch (cause) {
      if (cause instanceof DOMException && cause.name === 'TimeoutError') {
        throw this.#error(
          'REGISTRY_SLOW',
          `did not answer within ${this.#timeoutMs} ms`,
          'Try again, raise --timeout, or compare against the lock file.',
        )
      }
      throw this.#error(
        'REGISTRY_AWAY',
        `cannot be reached${whyIn(cause)}`,
        'Check the URL and that it is running, or compare against the lock file.',
        cause,
      )
    }
  }

  #error(code: string, message: string, hint?: string, cause?: unknown): CheckError {
    return new CheckError(code, `the registry ${this.shownAs} ${message}.`, {
      ...(hint === undefined ? {} : { hint }),
      cause,
    })
  }
}

/** What the API says in its error, of anything else nothing: a proxy's page is no reason. */
function reasonIn(text: string): string {
  try {
    const { message } = JSON.parse(text) as { readonly message?: unknown }
    return typeof message === 'string' ? `: ${message.slice(0, MAX_REASON)}` : ''
  } catch {
    return ''
  }
}

/** `ECONNREFUSED`, `ENOTFOUND`, `CERT_HAS_EXPIRED`: what a network error is called. */
function whyIn(error: unknown): string {
  const { cause } = error as { readonly cause?: { readonly code?: unknown; readonly message?: unknown } }
  const why = cause?.code ?? cause?.message
  return typeof why === 'string' ? ` (${why})` : ''
}
