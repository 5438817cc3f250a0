import { createServer, type RequestListener } from 'node:http'
import type { AddressInfo } from 'node:net'
import { describe, expect, test } from 'vitest'
import { TestRepository } from '../testing/git-repository.ts'
import { order } from '../testing/order.ts'
import { run } from '../testing/run.ts'

/** What `check` says of a registry that answers like this. */
async function against(answer: RequestListener, ...more: readonly string[]) {
  await using server = createServer(answer).listen(0, '127.0.0.1')
  await new Promise((resolve) => server.once('listening', resolve))
  using repository = new TestRepository()
  repository.write('Order.avsc', order())
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  const ran = await run(repository.folder, ['check', '--against', url, ...more])
  server.closeAllConnections()
  return ran
}

function json(body: unknown, status = 200): RequestListener {
  return (_, response) => {
    response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body))
  }
}

describe('a registry that is not well is one clear error, and never "compatible"', () => {
  const cases: readonly (readonly [string, RequestListener, RegExp])[] = [
    ['does not answer', () => {}, /did not answer within 200 ms\. Try again, raise --timeout/],
    ['stops in the middle', (_, response) => void response.write('["a"'), /did not answer within 200 ms/],
    ['answers 500', json({ message: 'store away' }, 500), /answered 500 to GET \/subjects: store away\. Try again/],
    [
      "answers with a proxy's page of an error",
      (_, response) => void response.writeHead(502).end(`<html>${'x'.repeat(9_999)}`),
      /answered 502 to GET \/subjects\. Try again/,
    ],
    ['answers with a page', (_, response) => void response.end('<html>log in</html>'), /did not answer with JSON/],
    ['answers with another JSON', json({ hello: 'world' }), /has no list of subjects\. Is this the URL/],
    ['refuses access', json({}, 401), /refuses access \(401\)\. Put user:password@/],
    [
      'hangs up',
      (request) => void request.socket.destroy(),
      /cannot be reached \(UND_ERR_SOCKET\)|cannot be reached \(ECONNRESET\)/,
    ],
    [
      'has no schema in a version',
      (request, response) =>
        json(request.url?.endsWith('/1') ? {} : request.url?.endsWith('versions') ? [1] : ['shop.Order'])(
          request,
          response,
        ),
      /gives no schema for version 1 of shop\.Order/,
    ],
  ]

  test.each(cases)('one that %s', async (_, answer, words) => {
    // Long enough for a busy machine, but where the wait is the point.
    const timeout = words.source.includes('did not answer within 200 ms') ? '200' : '30000'
    const { code, out, said } = await against(answer, '--timeout', timeout)
    expect({ code, out }).toEqual({ code: 1, out: '' })
    expect(said).toMatch(words)
    expect(said.trim().split('\n')).toHaveLength(1)
  })

  test('a version that is no Avro schema is a finding', async () => {
    const { code, out } = await against((request, response) =>
      json(request.url?.endsWith('/1') ? { schema: '{' } : request.url?.endsWith('versions') ? [1] : ['shop.Order'])(
        request,
        response,
      ),
    )
    expect(code).toBe(100)
    expect(out).toContain('ERROR HISTORY_UNREADABLE shop.Order: v1 (registry version 1) is no Avro schema')
  })

  test('one that knows none of the subjects: all pass as new, and a note says so', async () => {
    const { code, said } = await against(json(['orders-value', 'payments-value']))
    expect(code).toBe(0)
    expect(said).toContain('note: the registry knows none of these subjects (shop.Order, …), so all pass as new.')
    expect(said).toContain('1 schema (1 new) against')
    expect((await against(json([]))).said).not.toContain('note:')
  })
})
