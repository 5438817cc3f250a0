import { connect } from 'node:net'
import { pino } from 'pino'
import { Registry } from 'prom-client'
import Type from 'typebox'
import { afterEach, beforeAll, describe, expect, test } from 'vitest'
import { Unavailable } from '#pipelines/kernel/errors.ts'
import { newId } from '#pipelines/kernel/ids.ts'
import { silentLog } from '#pipelines/kernel/log.ts'
import { type TestIssuer, testIssuer } from '#pipelines/testing/tokens.ts'
import { createHttpApp, type HttpAppOptions } from './app.ts'
import { conflict } from './problems.ts'
import { Money, Uuid } from './schemas.ts'
import type { HttpApp } from './types.ts'

const CARD = '4111111111111111'
const Line = Type.Object({ quantity: Type.Integer({ minimum: 1, maximum: 100 }), note: Type.Optional(Type.String()) })
const Answer = Type.Object({ ok: Type.Boolean(), who: Type.Optional(Type.String()) })

function routes(app: HttpApp) {
  app.get('/v1/open', { config: { access: 'public' }, schema: { response: { 200: Answer } } }, async () => ({
    ok: true,
  }))
  app.get(
    '/v1/lists',
    {
      config: { access: 'public' },
      schema: {
        querystring: Type.Object({
          limit: Type.Integer({ maximum: 100, default: 20 }),
          ids: Type.Optional(Type.Array(Uuid)),
        }),
      },
    },
    async ({ query }) => query,
  )
  app.put(
    '/v1/items/:id',
    {
      config: { access: ['customer'] },
      schema: { params: Type.Object({ id: Uuid }), body: Line, response: { 200: Answer } },
    },
    async ({ principal }) => ({ ok: true, who: principal.subject }),
  )
  app.post('/v1/deep', { config: { access: 'public' }, schema: { body: Type.Unknown() } }, async () => ({ ok: true }))
  app.post('/v1/pay', { config: { access: ['customer'] }, schema: { body: Money } }, async () => {
    throw conflict('PRICE_CHANGED', 'a price changed', {
      extensions: { price: '2.00', status: 200, detail: 'all is well' },
    })
  })
  app.get('/v1/away', { config: { access: 'public' } }, async () => {
    throw new Unavailable('DATABASE_AWAY', 'the database is away')
  })
  app.get('/v1/broken', { config: { access: 'public' } }, async () => {
    throw new TypeError(`secret inside ${CARD}`)
  })
}

let issuer: TestIssuer
beforeAll(async () => {
  issuer = await testIssuer()
})

const open: HttpApp[] = []
afterEach(async () => {
  await Promise.all(open.splice(0).map((app) => app.close()))
})

async function start(options: Partial<HttpAppOptions> = {}): Promise<HttpApp> {
  const app = await createHttpApp({
    log: silentLog,
    auth: issuer.auth,
    registry: new Registry(),
    routes: [routes],
    describe: { title: 'test', version: '1' },
    drainMs: 0,
    ...options,
    limits: { eventLoopDelayMs: 0, ...options.limits }, // a busy machine is no failure here
  })
  open.push(app)
  return app
}

const item = `/v1/items/${newId()}`

describe('bodies', () => {
  test.each([
    ['null for a number', { quantity: null }, '/quantity'],
    ['text for a number', { quantity: '1' }, '/quantity'],
    ['a fraction', { quantity: 1.5 }, '/quantity'],
    ['zero', { quantity: 0 }, '/quantity'],
    ['a huge quantity', { quantity: 1e9 }, '/quantity'],
    ['an unknown property', { quantity: 1, price: 1 }, '/price'],
    ['a missing property', {}, '/quantity'],
    ['null for an optional property', { quantity: 1, note: null }, '/note'],
    ['a list', [], ''],
    ['a text', 'x', ''],
  ])('%s is refused with a pointer', async (_name, payload, pointer) => {
    const app = await start()
    const headers = { ...(await issuer.bearer('customer')), 'content-type': 'application/json' }
    const answer = await app.inject({ method: 'PUT', url: item, payload: JSON.stringify(payload), headers })
    expect(answer.statusCode).toBe(400)
    expect(answer.headers['content-type']).toContain('application/problem+json')
    const problem = answer.json()
    expect(problem).toMatchObject({ status: 400, code: 'REQUEST_INVALID', type: 'urn:eshop:problem:request-invalid' })
    expect(problem.errors).toContainEqual(expect.objectContaining({ pointer, in: 'body' }))
  })

  test.each([
    ['malformed JSON', '{"quantity": tok_secret', 'application/json', 400, 'JSON_INVALID'],
    ['a prototype', '{"__proto__": {"quantity": 1}}', 'application/json', 400, 'JSON_INVALID'],
    ['nothing', '', 'application/json', 400, 'REQUEST_INVALID'],
    ['a form', 'quantity=1', 'application/x-www-form-urlencoded', 415, 'MEDIA_TYPE_NOT_SUPPORTED'],
    ['plain text', '{"quantity":1}', 'text/plain', 415, 'MEDIA_TYPE_NOT_SUPPORTED'],
    ['65 KB', JSON.stringify({ note: 'x'.repeat(65 * 1024) }), 'application/json', 413, 'BODY_TOO_LARGE'],
    ['20 000 levels', '['.repeat(20_000) + ']'.repeat(20_000), 'application/json', 400, 'REQUEST_INVALID'],
  ])('%s is a clear problem that repeats nothing of it', async (_name, payload, type, status, code) => {
    const app = await start()
    const headers = { ...(await issuer.bearer('customer')), 'content-type': type }
    const answer = await app.inject({ method: 'PUT', url: item, payload, headers })
    expect(answer.statusCode).toBe(status)
    expect(answer.json()).toMatchObject({ status, code })
    expect(answer.body).not.toContain('tok_secret')
  })
})

describe('queries', () => {
  test('are converted and completed', async () => {
    const app = await start()
    const id = newId()
    expect((await app.inject(`/v1/lists?limit=7&ids=${id}`)).json()).toEqual({ limit: 7, ids: [id] })
    expect((await app.inject('/v1/lists')).json()).toEqual({ limit: 20 })
  })

  test.each(['limit=x', 'limit=', 'limit=1.5', 'limit=101', 'unknown=1', 'ids=7', 'limit=1&limit=2'])(
    '?%s is refused',
    async (query) => {
      const answer = await (await start()).inject(`/v1/lists?${query}`)
      expect(answer.statusCode).toBe(400)
      expect(answer.json().errors[0].in).toBe('query')
    },
  )
})

describe('card numbers', () => {
  const spaced = '4111 1111 1111 1111'
  test.each([
    ['in a body', 'POST', '/v1/deep', { a: { b: [`x ${spaced}`] } }],
    ['as a number', 'POST', '/v1/deep', { a: Number(CARD) }],
    ['as a name', 'POST', '/v1/deep', { [CARD]: 1 }],
    ['in a query', 'GET', `/v1/lists?limit=${CARD}`, undefined],
    ['encoded in a query', 'GET', '/v1/lists?limit=4111%201111%201111%201111', undefined],
    ['with plus signs in a query', 'GET', '/v1/lists?limit=4111+1111+1111+1111', undefined],
    ['in a path', 'PUT', `/v1/items/${CARD}`, { quantity: 1 }],
    ['in a path nobody knows', 'GET', `/nothing/${CARD}`, undefined],
  ] as const)('%s are refused, not repeated and not logged', async (_name, method, url, payload) => {
    const lines: string[] = []
    const log = pino({ level: 'trace' }, { write: (line) => void lines.push(line) })
    const app = await start({ log })
    const answer = await app.inject({
      method,
      url,
      ...(payload && { payload }),
      headers: await issuer.bearer('customer'),
    })
    expect([answer.statusCode, answer.json().code]).toEqual([400, 'CARD_DATA_NOT_ACCEPTED'])
    expect(answer.body).not.toMatch(/1111/)
    expect(JSON.stringify(answer.headers)).not.toMatch(/1111/)
    expect(lines.join('')).not.toMatch(/4111.?1111/)
  })

  test('hidden behind escapes are found', async () => {
    const payload = `{"a":"4111\\u00311111${'1'.repeat(7)}"}`
    const text = JSON.parse(payload).a as string
    expect(text).toBe(CARD)
    const app = await start()
    const answer = await app.inject({
      method: 'POST',
      url: '/v1/deep',
      payload,
      headers: { 'content-type': 'application/json' },
    })
    expect(answer.json().code).toBe('CARD_DATA_NOT_ACCEPTED')
  })

  test.each(['x-anything', 'idempotency-key', 'authorization'])('in the header %s are refused', async (name) => {
    const answer = await (await start()).inject({ url: '/v1/open', headers: { [name]: spaced } })
    expect(answer.json().code).toBe('CARD_DATA_NOT_ACCEPTED')
  })

  test.each([
    ['POST', '/v1/deep', { a: ['x\0'] }],
    ['GET', '/v1/lists?limit=%00', undefined],
  ] as const)('the character U+0000 is refused: %s %s', async (method, url, payload) => {
    const answer = await (await start()).inject({ method, url, ...(payload && { payload }) })
    expect([answer.statusCode, answer.json().code]).toEqual([400, 'TEXT_INVALID'])
  })

  test('ids and ordinary numbers pass', async () => {
    const app = await start()
    const payload = { id: newId(), order: '4111111111111112', at: Date.UTC(2026, 0, 1), text: 'call 555 0100' }
    expect((await app.inject({ method: 'POST', url: '/v1/deep', payload })).statusCode).toBe(200)
  })
})

describe('paths and methods', () => {
  test('an unknown path is 404', async () => {
    const answer = await (await start()).inject('/v1/nothing')
    expect(answer.json()).toMatchObject({ status: 404, code: 'ROUTE_UNKNOWN' })
  })

  test.each([
    ['DELETE', item, 'PUT'],
    ['POST', '/v1/open', 'GET, HEAD'],
    ['TRACE', '/v1/open', 'GET, HEAD'],
    ['OPTIONS', '/v1/open', 'GET, HEAD'],
  ] as const)('%s on %s is 405 with Allow', async (method, url, allow) => {
    const answer = await (await start()).inject({ method: method as 'GET', url })
    expect([answer.statusCode, answer.headers.allow]).toEqual([405, allow])
  })

  test.each(['QUERY', 'PROPFIND', 'TRACE', 'DELETE', 'PUT'])(
    'a known path with the method %s is 405 and says which there are',
    async (method) => {
      const app = await start()
      await app.listen({ port: 0, host: '127.0.0.1' })
      const { port } = app.server.address() as { port: number }
      for (const body of ['', 'content-type: text/xml\r\ncontent-length: 3\r\n\r\n<a>']) {
        const text = await new Promise<string>((resolve) => {
          const socket = connect(port, '127.0.0.1', () =>
            socket.write(
              `${method} /v1/open HTTP/1.1\r\nhost: x\r\nconnection: close\r\n${body === '' ? '\r\n' : body}`,
            ),
          )
          let got = ''
          socket.on('data', (data) => (got += data)).on('end', () => resolve(got))
        })
        expect(text).toMatch(/^HTTP\/1.1 405 /)
        expect(text.toLowerCase()).toContain('allow: get, head')
      }
    },
  )

  test('a path that cannot be decoded is 400', async () => {
    const answer = await (await start()).inject('/v1/items/%zz')
    expect(answer.json()).toMatchObject({ status: 400, code: 'URL_INVALID' })
  })

  test('what is no HTTP is answered as a problem', async () => {
    const app = await start()
    await app.listen({ port: 0, host: '127.0.0.1' })
    const { port } = app.server.address() as { port: number }
    const text = await new Promise<string>((resolve) => {
      const socket = connect(port, '127.0.0.1', () => socket.write('FOO BAR\r\n\r\n'))
      let got = ''
      socket.on('data', (data) => (got += data)).on('end', () => resolve(got))
    })
    expect(text).toMatch(/^HTTP\/1.1 400 [\s\S]*problem\+json[\s\S]*"status":400/)
  })
})

describe('failures', () => {
  test('something that is away is 503 with Retry-After, never a 500', async () => {
    const answer = await (await start()).inject('/v1/away')
    expect([answer.statusCode, answer.headers['retry-after']]).toEqual([503, '2'])
    expect(answer.json().code).toBe('DATABASE_AWAY')
  })

  test('a mistake of ours is a 500 that tells nothing', async () => {
    const answer = await (await start()).inject('/v1/broken')
    expect(answer.statusCode).toBe(500)
    expect(answer.body).not.toMatch(/secret|TypeError|at /)
  })

  test('problems carry further members', async () => {
    const app = await start()
    const payload = { amount: '1.00', currency: 'EUR' }
    const answer = await app.inject({
      method: 'POST',
      url: '/v1/pay',
      payload,
      headers: await issuer.bearer('customer'),
    })
    // What it adds never takes the place of a standard member.
    expect(answer.json()).toMatchObject({
      status: 409,
      code: 'PRICE_CHANGED',
      detail: 'a price changed',
      price: '2.00',
    })
  })

  test('the correlation id is that of the caller, in header and instance', async () => {
    const id = newId()
    const answer = await (await start()).inject({ url: '/v1/nothing', headers: { 'x-correlation-id': id } })
    expect(answer.headers['x-correlation-id']).toBe(id)
    expect(answer.json().instance).toBe(`urn:uuid:${id}`)
    const other = await (await start()).inject({ url: '/v1/open', headers: { 'x-correlation-id': 'no id\u0001' } })
    expect(other.headers['x-correlation-id']).toMatch(/^[0-9a-f-]{36}$/)
  })
})

describe('limits', () => {
  test('a subject is limited, others are not', async () => {
    const app = await start({ limits: { perSubject: 2 } })
    const call = async (sub: string) =>
      await app.inject({
        method: 'PUT',
        url: item,
        payload: { quantity: 1 },
        headers: await issuer.bearer('customer', sub),
      })
    expect((await call('ann')).statusCode).toBe(200)
    expect((await call('ann')).statusCode).toBe(200)
    const third = await call('ann')
    expect([third.statusCode, third.json().code]).toEqual([429, 'TOO_MANY_REQUESTS'])
    expect(Number(third.headers['retry-after'])).toBeGreaterThan(0)
    expect((await call('bob')).statusCode).toBe(200)
  })

  test('guessing tokens is limited by address', async () => {
    const app = await start({ limits: { perAddress: 1 } })
    const headers = { authorization: 'Bearer a.b.c' }
    const call = async () =>
      (await app.inject({ method: 'PUT', url: item, payload: { quantity: 1 }, headers })).statusCode
    expect([await call(), await call()]).toEqual([401, 429])
  })
})

describe('the shell', () => {
  test('does not start with a route that declares no access', async () => {
    const undeclared = (app: HttpApp) => void app.get('/v1/oops', async () => 'x')
    await expect(start({ routes: [undeclared] })).rejects.toMatchObject({ code: 'ROUTE_WITHOUT_ACCESS' })
    const nobody = (app: HttpApp) => void app.get('/v1/oops', { config: { access: [] } }, async () => 'x')
    await expect(start({ routes: [nobody] })).rejects.toMatchObject({ code: 'ROUTE_WITHOUT_ACCESS' })
  })

  test('describes itself as OpenAPI 3.1 with security, roles and problems', async () => {
    const document = (await (await start()).inject('/openapi.json')).json()
    expect(document.openapi).toBe('3.1.0')
    const put = document.paths['/v1/items/{id}'].put
    expect(put.security).toEqual([{ bearer: [] }])
    expect(put.description).toContain('customer, admin')
    const named = ['200', '400', '401', '403', '404', '413', '415', '429', '500', '503']
    expect(Object.keys(put.responses)).toEqual([...named, '4XX', '5XX'])
    expect(Object.keys(put.responses['4XX'].content)).toEqual(['application/problem+json'])
    expect(put.requestBody.content['application/json'].schema.additionalProperties).toBe(false)
    expect(document.paths['/v1/open'].get.security).toEqual([])
    expect(document.components.schemas.Problem.properties.errors).toBeDefined()
    expect(Object.keys(document.paths)).not.toContain('/docs')
  })

  test('has a page, metrics by route pattern, and security headers', async () => {
    const app = await start()
    const page = await app.inject('/docs/')
    expect(page.headers['content-type']).toContain('text/html')
    expect(page.headers['content-security-policy']).toMatch(/^default-src 'self'; (?!.*https)/)
    await app.inject({ method: 'PUT', url: item, payload: {} })
    const metrics = (await app.inject('/metrics')).body
    expect(metrics).toMatch(/http_requests_total\{method="PUT",route="\/v1\/items\/:id",status="401"\} 1/)
    const { headers } = await app.inject('/v1/open')
    expect(headers).toMatchObject({ 'x-content-type-options': 'nosniff', 'x-frame-options': 'SAMEORIGIN' })
    expect(headers['x-powered-by']).toBeUndefined()
  })

  test('names the dependency that is away', async () => {
    let away = true
    const database = async () => {
      if (away) throw new Unavailable('DATABASE_AWAY', 'gone')
    }
    const app = await start({ dependencies: { database } })
    expect((await app.inject('/health/live')).json()).toEqual({ live: true })
    const answer = await app.inject('/health/ready')
    expect(answer.statusCode).toBe(503)
    expect(answer.json()).toEqual({
      ready: false,
      dependencies: { issuer: { ready: true }, database: { ready: false, reason: 'gone' } },
    })
    away = false
    expect((await app.inject('/health/ready')).statusCode).toBe(200)
  })
})
