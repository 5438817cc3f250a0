import Fastify, { type FastifyRequest } from 'fastify'
import { expect, test } from 'vitest'
import { readRepeatable } from './idempotency.ts'

/** What `readRepeatable` makes of a request with these headers and this body. */
async function read(headers: Record<string, string>, body: unknown = { a: 1 }) {
  const app = Fastify()
  let result: unknown
  app.post('/v1/it/:id', async (request: FastifyRequest) => {
    Object.defineProperty(request, 'principal', { value: { subject: 'alice' } })
    try {
      result = readRepeatable(request)
    } catch (error) {
      result = error
    }
  })
  const text = typeof body === 'string' ? body : JSON.stringify(body)
  await app.inject({
    method: 'POST',
    url: '/v1/it/7',
    headers: { 'content-type': 'application/json', ...headers },
    payload: text,
  })
  await app.close()
  return result as ReturnType<typeof readRepeatable> & { code?: string }
}

test.each([
  [{ 'idempotency-key': 'k1' }, 'k1'],
  [{ 'idempotency-key': '"k1"' }, 'k1'],
  [{ 'x-requestid': 'k2' }, 'k2'],
  [{ 'idempotency-key': 'k3', 'x-requestid': 'k3' }, 'k3'],
])('reads the key from %j', async (headers, key) => {
  expect(await read(headers as Record<string, string>)).toMatchObject({
    key,
    subject: 'alice',
    route: 'POST /v1/it/:id',
  })
})

test.each([
  [{}, 'IDEMPOTENCY_KEY_REQUIRED'],
  [{ 'idempotency-key': '' }, 'IDEMPOTENCY_KEY_INVALID'],
  [{ 'idempotency-key': 'a b' }, 'IDEMPOTENCY_KEY_INVALID'],
  [{ 'idempotency-key': 'x'.repeat(256) }, 'IDEMPOTENCY_KEY_INVALID'],
  [{ 'idempotency-key': 'a', 'x-requestid': 'b' }, 'IDEMPOTENCY_KEY_INVALID'],
])('refuses %j', async (headers, code) => {
  expect((await read(headers as Record<string, string>)).code).toBe(code)
})

test('the same content has the same digest, whatever the order of its properties', async () => {
  const key = { 'idempotency-key': 'k' }
  const one = await read(key, '{"a":1,"b":{"c":2,"d":[1,2]}}')
  const two = await read(key, '{"b":{"d":[1,2],"c":2},"a":1}')
  const three = await read(key, '{"b":{"d":[2,1],"c":2},"a":1}')
  expect(two.bodyHash).toEqual(one.bodyHash)
  expect(three.bodyHash).not.toEqual(one.bodyHash)
})
