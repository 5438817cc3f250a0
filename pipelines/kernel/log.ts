import { type Logger, pino } from 'pino'
import { scrub } from './redaction.ts'

export type Log = Logger

/** Names under which a value is never logged, at any of the first three levels. */
const SECRET_NAMES = [
  'authorization',
  'password',
  'secret',
  'token',
  'accessToken',
  'paymentToken',
  'address',
  'cardNumber',
  'cvv',
  'cookie',
]
const PATHS = SECRET_NAMES.flatMap((name) => [name, `*.${name}`, `*.*.${name}`, `*.*.*.${name}`])

/** What PostgreSQL adds to a refusal: the refused row as it was sent, address and payment token included, or the statement. */
const REPEATING = new Set(['detail', 'where', 'internalQuery'])

/** An error as it is logged, with its causes in message and stack, and without the rows it repeats. */
function loggedError(error: Error): object {
  const { raw: _raw, aggregateErrors, ...logged } = pino.stdSerializers.err(error) as Record<string, unknown>
  const kept = Object.entries(logged).filter(([name]) => !REPEATING.has(name))
  const below =
    aggregateErrors === undefined ? {} : { aggregateErrors: (error as AggregateError).errors.map(loggedError) }
  return { ...Object.fromEntries(kept), ...below }
}

/**
 * JSON lines on stdout. Secret fields are blacked out by name, and every line passes {@link scrub} last, so that a card number or a
 * token that slipped into a message or stack is not written either.
 */
export function createLog(name: string, level = 'info'): Log {
  return pino(
    {
      name,
      level,
      serializers: { err: loggedError },
      redact: { paths: PATHS, censor: '[redacted]' },
      base: { pid: process.pid },
      timestamp: pino.stdTimeFunctions.isoTime,
    },
    { write: (line: string) => void process.stdout.write(scrub(line)) },
  )
}

/** A log that writes nothing: for tests and tools whose output is something else. */
export const silentLog: Log = pino({ level: 'silent' })
