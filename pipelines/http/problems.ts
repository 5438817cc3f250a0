import { CodedError, type CodedErrorOptions } from '#pipelines/kernel/errors.ts'

/** One thing that is wrong with a request: where (RFC 6901 pointer into that part of the request) and what. Never the value. */
export interface ProblemItem {
  readonly pointer: string
  readonly detail: string
  readonly in?: 'body' | 'query' | 'path' | 'header'
}

export interface ProblemOptions extends Omit<CodedErrorOptions, 'retriable'> {
  readonly errors?: readonly ProblemItem[]
  readonly headers?: Readonly<Record<string, string>>
  /** Further members of the answer (RFC 9457, section 3.2), such as the new price of a line. Never secrets. */
  readonly extensions?: Readonly<Record<string, unknown>>
}

/** An answer other than success. `message` becomes `detail` and is shown to the caller: it never repeats what the caller sent. */
export class Problem extends CodedError {
  readonly status: number
  readonly errors: readonly ProblemItem[] | undefined
  readonly headers: Readonly<Record<string, string>>
  readonly extensions: Readonly<Record<string, unknown>>

  constructor(status: number, code: string, detail: string, options: ProblemOptions = {}) {
    super(code, detail, { ...options, retriable: status === 503 || status === 429 })
    this.status = status
    this.errors = options.errors
    this.headers = options.headers ?? {}
    this.extensions = options.extensions ?? {}
  }
}

const maker = (status: number) => (code: string, detail: string, options?: ProblemOptions) =>
  new Problem(status, code, detail, options)

export const badRequest = maker(400)
export const forbidden = maker(403)
export const notFound = maker(404)
export const conflict = maker(409)
export const gone = maker(410)
export const preconditionFailed = maker(412)
export const tooLarge = maker(413)
export const unprocessable = maker(422)
export const preconditionRequired = maker(428)

/** 401 with the challenge of RFC 6750: no `error` member when no token was sent at all. */
export function unauthorized(code: string, detail: string, options: ProblemOptions & { challenge?: string } = {}) {
  const challenge = options.challenge ?? `error="invalid_token", error_description="${detail}"`
  return new Problem(401, code, detail, {
    ...options,
    headers: { 'www-authenticate': `Bearer realm="eshop"${challenge && `, ${challenge}`}`, ...options.headers },
  })
}

/** Something this answer needs is away: try again after so many seconds. */
export function unavailable(detail: string, retryAfterS = 2, options: ProblemOptions & { code?: string } = {}) {
  return new Problem(503, options.code ?? 'UNAVAILABLE', detail, {
    ...options,
    headers: { 'retry-after': String(retryAfterS), ...options.headers },
  })
}

export function tooManyRequests(detail: string, retryAfterS: number) {
  return new Problem(429, 'TOO_MANY_REQUESTS', detail, { headers: { 'retry-after': String(retryAfterS) } })
}
