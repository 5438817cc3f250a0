import { describe, expect, test } from 'vitest'
import { httpRegistry } from './http-registry.ts'

interface Seen {
  readonly url: string
  readonly init: RequestInit
}

/** A registry whose server always answers this. */
function answering(status: number, body: unknown, registryUrl = 'http://registry:8081/apis/ccompat/v7/') {
  const seen: Seen[] = []
  const text = typeof body === 'string' ? body : JSON.stringify(body)
  const fetch = async (url: string | URL | Request, init: RequestInit = {}) => {
    seen.push({ url: String(url), init })
    return new Response(text, { status })
  }
  return { registry: httpRegistry({ registryUrl, fetch }), seen }
}

describe('an answer of something that is not a working registry is unavailable, so that no record is given up', () => {
  test.each([
    ['a 404 of another server', 404, '<html>not here</html>'],
    ['a 404 without an error code', 404, { message: 'no route' }],
    ['missing rights', 401, { error_code: 401, message: 'who are you' }],
    ['too many requests', 429, { error_code: 429 }],
    ['an error of the server', 500, { error_code: 50001, message: 'store away' }],
    ['a page with status 200', 200, '<html>welcome</html>'],
    ['another JSON with status 200', 200, { hello: 'world' }],
    ['an id that none can be', 200, { id: 0, version: 1, schema: null }],
  ])('%s', async (_name, status, body) => {
    const { registry } = answering(status, body)
    await expect(registry.schemaOf(1)).rejects.toMatchObject({ code: 'REGISTRY_UNAVAILABLE', retriable: true })
    await expect(registry.find('s', '"string"')).rejects.toMatchObject({ code: 'REGISTRY_UNAVAILABLE' })
  })

  test('no connection', async () => {
    const registry = httpRegistry({ registryUrl: 'http://127.0.0.1:9/apis/ccompat/v7' })
    await expect(registry.schemaOf(1)).rejects.toMatchObject({ code: 'REGISTRY_UNAVAILABLE', retriable: true })
  })

  test('no answer in time', async () => {
    const hanging = (_url: unknown, init: RequestInit = {}) =>
      new Promise<Response>((_resolve, reject) => {
        init.signal?.addEventListener('abort', () => reject(init.signal?.reason))
      })
    const registry = httpRegistry({ registryUrl: 'http://registry', fetch: hanging, timeoutMs: 20 })
    await expect(registry.compatibility()).rejects.toMatchObject({ code: 'REGISTRY_UNAVAILABLE' })
  })
})

test('a level that was not set, or not told, is no level', async () => {
  const refusing = answering(422, { error_code: 42203, message: 'no such level' })
  await expect(refusing.registry.setCompatibility('FULL')).rejects.toMatchObject({ code: 'REGISTRY_UNAVAILABLE' })
  await expect(answering(200, {}).registry.compatibility()).rejects.toMatchObject({ code: 'REGISTRY_UNAVAILABLE' })
})

test('the level of one subject is set there', async () => {
  const { registry, seen } = answering(200, { compatibility: 'FULL' })
  await registry.setCompatibility('FULL', 'orders-a.b')
  expect(seen[0]).toMatchObject({
    url: 'http://registry:8081/apis/ccompat/v7/config/orders-a.b',
    init: { method: 'PUT' },
  })
})

test("the registry's own 404 means that it does not hold the schema", async () => {
  expect(await answering(404, { error_code: 40403, message: 'no' }).registry.schemaOf(7)).toBeUndefined()
  expect(await answering(404, { error_code: 40401, message: 'no' }).registry.find('s', '"string"')).toBeUndefined()
})

test('a refused schema carries the reason of the registry', async () => {
  const conflict = answering(409, { error_code: 409, message: 'field x has no default' })
  await expect(conflict.registry.register('orders-x', '{}')).rejects.toMatchObject({
    code: 'SCHEMA_INCOMPATIBLE',
    retriable: false,
    facts: { subject: 'orders-x', reason: 'field x has no default' },
  })
  const invalid = answering(422, { error_code: 42201, message: 'not a schema' })
  await expect(invalid.registry.register('orders-x', '{')).rejects.toMatchObject({ code: 'SCHEMA_INVALID' })
})

test('user and password of the URL are sent as a header and stand in no error', async () => {
  const { registry, seen } = answering(500, {}, 'http://reader:p%40ss@registry:8081/base/')
  const error = await registry.schemaOf(5).catch((reason: unknown) => reason)
  expect(seen[0]?.url).toBe('http://registry:8081/base/schemas/ids/5')
  const expected = `Basic ${Buffer.from('reader:p@ss').toString('base64')}`
  expect(seen[0]?.init.headers).toMatchObject({ authorization: expected })
  expect(JSON.stringify(error) + String(error)).not.toMatch(/p@ss|p%40ss/)
})
