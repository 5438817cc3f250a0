import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { CodedError, messageOf, UsageError } from '#pipelines/kernel/errors.ts'
import type { Closable } from '#pipelines/kernel/lifecycle.ts'
import { type Issuer, signAccessToken } from './access-token.ts'
import { tokenRequest } from './token-request.ts'

export interface IssuerApp extends Closable {
  readonly port: number
}

export interface IssuerPlace {
  readonly host: string
  readonly port: number
  /** Host names it answers to, beside those of loopback. */
  readonly names?: readonly string[]
}

const MOST_BODY_BYTES = 4_096
const LOOPBACK_NAMES = ['127.0.0.1', 'localhost', '[::1]']

/**
 * The issuer of the local stack: it gives a token for any subject and role to whoever asks. That is why it only ever listens on loopback,
 * refuses other host names (a web page that points its name at 127.0.0.1) and asks for JSON (which no foreign page may send unasked).
 */
export async function startIssuer(issuer: Issuer, { host, port, names = [] }: IssuerPlace): Promise<IssuerApp> {
  const known = new Set([...LOOPBACK_NAMES, ...names])
  const server = createServer((request, response) => {
    answer(issuer, request, known)
      .catch((error: unknown) => ({ status: error instanceof UsageError ? 400 : 500, body: problemOf(error) }))
      .then(({ status, body }) => send(response, status, body))
  })
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen(port, host, resolve)
  })
  const address = server.address()
  return {
    port: typeof address === 'object' && address ? address.port : port,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
}

interface Answer {
  readonly status: number
  readonly body: unknown
}

async function answer(issuer: Issuer, request: IncomingMessage, names: ReadonlySet<string>): Promise<Answer> {
  const { pathname } = new URL(request.url ?? '/', issuer.issuer)
  if (!names.has(request.headers.host?.replace(/:\d+$/, '') ?? ''))
    return problem(421, 'WRONG_HOST', 'ask for 127.0.0.1 or localhost')
  const route = `${request.method} ${pathname}`
  switch (route) {
    case 'GET /.well-known/jwks.json':
      return { status: 200, body: { keys: [issuer.key.publicJwk] } }
    case 'GET /.well-known/openid-configuration':
    case 'GET /.well-known/oauth-authorization-server':
      return { status: 200, body: metadataOf(issuer) }
    case 'POST /token':
      return await giveToken(issuer, request)
    case 'GET /health/live':
    case 'GET /health/ready':
      return { status: 200, body: { status: 'ok' } }
    default:
      return problem(404, 'NOT_FOUND', `there is no ${route}`)
  }
}

async function giveToken(issuer: Issuer, request: IncomingMessage): Promise<Answer> {
  if (!/^application\/json\b/i.test(request.headers['content-type'] ?? ''))
    return problem(415, 'JSON_ONLY', 'send content-type: application/json')
  const asked = tokenRequest(await readJson(request))
  const token = await signAccessToken(issuer, asked)
  return { status: 200, body: { access_token: token, token_type: 'Bearer', expires_in: asked.ttlSeconds } }
}

async function readJson(request: IncomingMessage): Promise<unknown> {
  let text = ''
  for await (const chunk of request.setEncoding('utf8')) {
    text += chunk
    if (text.length > MOST_BODY_BYTES) throw new UsageError('BODY_TOO_LARGE', `at most ${MOST_BODY_BYTES} characters`)
  }
  try {
    return JSON.parse(text)
  } catch (cause) {
    throw new UsageError('JSON_MALFORMED', 'the body is not JSON', { cause })
  }
}

function metadataOf({ issuer }: Issuer) {
  return {
    issuer,
    jwks_uri: `${issuer}/.well-known/jwks.json`,
    token_endpoint: `${issuer}/token`,
    response_types_supported: [],
    subject_types_supported: ['public'],
    id_token_signing_alg_values_supported: ['ES256'],
  }
}

function problem(status: number, code: string, detail: string): Answer {
  return { status, body: { type: 'about:blank', title: code, status, code, detail } }
}

function problemOf(error: unknown) {
  const code = error instanceof CodedError ? error.code : 'INTERNAL'
  const status = error instanceof UsageError ? 400 : 500
  return problem(status, code, error instanceof CodedError ? messageOf(error) : 'something broke, see the log').body
}

function send(response: ServerResponse, status: number, body: unknown) {
  const type = status < 400 ? 'application/json' : 'application/problem+json'
  response.writeHead(status, { 'content-type': type, 'cache-control': 'no-store' }).end(JSON.stringify(body))
}
