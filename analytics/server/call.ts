import { randomUUID } from 'node:crypto'
import type { IncomingMessage } from 'node:http'
import type { Role } from './access.ts'
import { badArguments, notImplemented } from './errors.ts'
import type { SessionCall } from './sessions.ts'

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
  /** `decompress=1`: the body comes in ClickHouse's compressed blocks. */
  readonly framedBody: boolean
  /** `compress=1`: so does the answer. */
  readonly framedAnswer: boolean
  /** How the answer is encoded over HTTP. */
  readonly answerEncoding: AnswerEncoding | undefined
  /** `wait_end_of_query=1`: nothing is sent before the statement is over, so an error always has its own status. */
  readonly whole: boolean
  readonly session: SessionCall | undefined
  /** Whom the lanes count it for. */
  readonly asker: string
}

/** In the order in which they are taken when the client knows several. */
const ENCODINGS = ['zstd', 'gzip', 'br', 'deflate', 'lz4'] as const
export type AnswerEncoding = (typeof ENCODINGS)[number]

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
  'http_wait_end_of_query',
  'http_response_buffer_size',
  'send_progress_in_http_headers',
  'http_headers_progress_interval_ms',
  'cancel_http_readonly_queries_on_client_close', // always so
  'log_comment', // carries our own mark
])

const NAME = /^[A-Za-z_]\w{0,127}$/

/** @throws ServerError for what this server cannot do */
export function readCall(request: IncomingMessage, url: URLSearchParams, role: Role): Call {
  const header = (name: string) => request.headers[name]?.toString()
  const on = (name: string) => !['', '0', 'false'].includes(url.get(name) ?? '')
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
    framedBody: on('decompress'),
    framedAnswer: on('compress'),
    answerEncoding: on('enable_http_compression') ? encodingOf(header('accept-encoding') ?? '') : undefined,
    whole: on('wait_end_of_query') || on('http_wait_end_of_query'),
    session: sessionOf(url, role),
    asker: url.get('quota_key') || (header('x-clickhouse-quota') ?? request.socket.remoteAddress ?? ''),
  }
}

/** Of those the client takes (RFC 9110, 12.5.3), the first that is spoken here. */
function encodingOf(accepted: string): AnswerEncoding | undefined {
  const taken = accepted
    .toLowerCase()
    .split(',')
    .map((part) => part.trim().split(/\s*;\s*q=/))
    .filter(([, weight]) => weight === undefined || Number(weight) > 0)
    .map(([name]) => name)
  return ENCODINGS.find((encoding) => taken.includes(encoding))
}

const MOST_SESSION_SECONDS = 3600

/** Analysts have none: what a session keeps (SET, temporary tables) is not theirs to make. */
function sessionOf(url: URLSearchParams, role: Role): SessionCall | undefined {
  const id = url.get('session_id')
  if (!id || role === 'analyst') return undefined
  const seconds = Number(url.get('session_timeout') ?? 60)
  if (!(seconds > 0 && seconds <= MOST_SESSION_SECONDS))
    throw badArguments(`session_timeout is a number of seconds up to ${MOST_SESSION_SECONDS}`)
  const mustExist = !['', '0'].includes(url.get('session_check') ?? '')
  return { key: `${role}/${id}`, timeoutMs: seconds * 1000, mustExist }
}
