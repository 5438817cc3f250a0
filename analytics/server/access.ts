import { createHash, timingSafeEqual } from 'node:crypto'
import type { IncomingMessage } from 'node:http'
import type { Credentials, ServerConfig } from './config.ts'
import { accessDenied, ServerError } from './errors.ts'

/** `admin` may do everything, `ingest` changes the tables behind the published views, `analyst` reads the views. */
export type Role = 'admin' | 'ingest' | 'analyst'

/** Compares without telling by its duration how much was right. */
function same(a: string, b: string): boolean {
  const digest = (text: string) => createHash('sha256').update(text).digest()
  return timingSafeEqual(digest(a), digest(b))
}

function given(request: IncomingMessage, url: URLSearchParams): Credentials {
  const { authorization = '' } = request.headers
  if (/^basic /i.test(authorization)) {
    const [name = '', ...password] = Buffer.from(authorization.slice(6), 'base64').toString().split(':')
    return { name, password: password.join(':') }
  }
  const header = (name: string) => request.headers[name]?.toString()
  return {
    name: header('x-clickhouse-user') ?? url.get('user') ?? 'default',
    password: header('x-clickhouse-key') ?? url.get('password') ?? '',
  }
}

/**
 * Who sends the request: HTTP basic, `X-ClickHouse-User` and `-Key`, or `user` and `password` in the URL.
 * A page in somebody's browser is refused: without that, any web site could send statements to a server on the loopback address.
 * @throws ServerError `AUTHENTICATION_FAILED`, `ACCESS_DENIED`
 */
export function authenticate(request: IncomingMessage, url: URLSearchParams, users: ServerConfig['users']): Role {
  const { origin } = request.headers
  const site = request.headers['sec-fetch-site']
  if (origin !== undefined || (site !== undefined && site !== 'none'))
    throw accessDenied('pages in a browser are not served here')
  const { name, password } = given(request, url)
  for (const [role, user] of Object.entries(users) as [Role, Credentials | undefined][])
    if (user && name === user.name && same(password, user.password)) return role
  throw new ServerError(
    516,
    'AUTHENTICATION_FAILED',
    `${JSON.stringify(name.slice(0, 100))}: Authentication failed: password is incorrect, or there is no user with such name.`,
  )
}
