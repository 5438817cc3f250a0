import type { Outside } from '#pipelines/http/outside.ts'
import type { HttpPlace, Service } from '#pipelines/http/service.ts'
import type { Role } from '#pipelines/http/types.ts'
import type { Closable } from '#pipelines/kernel/lifecycle.ts'
import { type TestOutside, type TestOutsideOptions, testOutside } from './outside.ts'

export interface CallOptions {
  /** Calls with a token of this role. Without it no token is sent. */
  readonly as?: Role
  /** Whose token. Default `alice`. */
  readonly sub?: string
  readonly body?: unknown
  readonly headers?: Readonly<Record<string, string>>
}

export interface CallAnswer {
  readonly status: number
  readonly headers: Headers
  /** The parsed body; undefined without one. Loosely typed, as tests look into it. */
  // biome-ignore lint/suspicious/noExplicitAny: tests compare what they expect
  readonly body: any
}

/** A service that runs within the test, listening on a port of its own. */
export interface TestService extends TestOutside {
  readonly url: string
  /** `call('GET', '/v1/products?limit=1', { as: 'support' })` */
  call(method: string, path: string, options?: CallOptions): Promise<CallAnswer>
}

/** Load is not shed: a machine that is busy with other tests must not fail this one. */
const PLACE: HttpPlace = { host: '127.0.0.1', port: 0, drainMs: 0, limits: { eventLoopDelayMs: 0 } }

/** Starts a service as its `main.ts` does, but with a test's outside. `close` closes service and outside. */
export async function startTestService(
  create: (outside: Outside, http: HttpPlace) => Service,
  options: TestOutsideOptions = {},
): Promise<TestService> {
  const around = await testOutside(options)
  const service = create(around.outside, PLACE)
  const close = async () => {
    await service.close()
    await around.close()
  }
  const { url } = await service.start().catch(async (error) => {
    await close()
    throw error
  })
  return { ...around, url, close, call: caller(url, around) }
}

/** Starts one more instance of a service on the same database and broker. */
export async function startBeside(
  around: TestOutside,
  create: (outside: Outside, http: HttpPlace) => Service,
): Promise<Closable & { readonly url: string }> {
  const service = create(around.beside(), PLACE)
  const { url } = await service.start()
  return { url, close: () => service.close() }
}

function caller(url: string, { issuer }: TestOutside): TestService['call'] {
  return async (method, path, { as, sub, body, headers = {} } = {}) => {
    const response = await fetch(`${url}${path}`, {
      method,
      headers: {
        ...(as && (await issuer.bearer(as, sub))),
        ...(body !== undefined && { 'content-type': 'application/json' }),
        ...headers,
      },
      ...(body !== undefined && { body: typeof body === 'string' ? body : JSON.stringify(body) }),
    })
    const text = await response.text()
    return { status: response.status, headers: response.headers, body: text === '' ? undefined : parse(text) }
  }
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return text
  }
}
