import { randomUUID } from 'node:crypto'
import type { IncomingMessage } from 'node:http'
import type { Role } from './access.ts'
import { badArguments, notImplemented } from './errors.ts'

/** One request, read from its URL and headers. */
export interface Call {
  readonly queryId: string
  readonly role: Role
  /** A GET changes nothing, whoever sends it. */
  readonly readOnly: boolean
  readonly sqlInUrl: string
  readonly database: string | undefined
  readonly format: string
  readonly settings: ReadonlyMap<string, string>
  /** `param_x`, still in the engine's escaped text form. */
  readonly parameters: ReadonlyMap<string, string>
  /** How the body is encoded; undefined for plain. */
  readonly encoding: string | undefined
  readonly gzipAnswer: boolean
}

/** URL parameters of the interface that are not settings of the engine (it answers 115 to those). */
const NOT_SETTINGS = new Set([
  'query',
  'query_id',
  'database',
  'default_format',
  'user',
  'password',
  'quota_key',
  'session_id',
  'session_timeout',
  'session_check',
  'compress',
  'decompress',
  'wait_end_of_query',
  'buffer_size',
  'stacktrace',
  'role',
  'client_protocol_version',
  'network_compression_method',
  'network_zstd_compression_level',
  'enable_http_compression',
  'log_comment', // carries our own mark
])

const NAME = /^[A-Za-z_]\w{0,127}$/

/** @throws ServerError for what this server cannot do */
export function readCall(request: IncomingMessage, url: URLSearchParams, role: Role): Call {
  const header = (name: string) => request.headers[name]?.toString()
  const on = (name: string) => !['', '0', 'false'].includes(url.get(name) ?? '')
  if (on('compress') || on('decompress'))
    throw notImplemented('native block compression is not spoken here: use compress=0 and HTTP compression')
  if (url.has('session_id')) throw notImplemented('sessions are not kept: send settings with each request')
  if (header('content-type')?.startsWith('multipart/form-data'))
    throw notImplemented('external data and form parameters are not spoken here')

  const settings = new Map<string, string>()
  const parameters = new Map<string, string>()
  for (const [name, value] of url) {
    if (NOT_SETTINGS.has(name)) continue
    const parameter = name.startsWith('param_') ? name.slice(6) : undefined
    if (!NAME.test(parameter ?? name)) throw badArguments(`${JSON.stringify(name.slice(0, 100))} is not a name`)
    if (parameter === undefined) settings.set(name, value)
    else parameters.set(parameter, value)
  }
  const encoding = header('content-encoding')
  return {
    queryId: url.get('query_id') || header('x-clickhouse-query-id') || randomUUID(),
    role,
    readOnly: request.method === 'GET' || request.method === 'HEAD',
    sqlInUrl: url.get('query') ?? '',
    database: url.get('database') ?? header('x-clickhouse-database'),
    format: url.get('default_format') ?? header('x-clickhouse-format') ?? 'TabSeparated',
    settings,
    parameters,
    encoding: encoding === 'identity' ? undefined : encoding,
    gzipAnswer: on('enable_http_compression') && /\bgzip\b/.test(header('accept-encoding') ?? ''),
  }
}
