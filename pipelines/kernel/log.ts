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

/**
 * JSON lines on stdout. Secret fields are blacked out by name, and every line passes {@link scrub} last, so that a card number or a
 * token that slipped into a message or stack is not written either.
 */
export function createLog(name: string, level = 'info'): Log {
  return pino(
    {
      name,
      level,
      redact: { paths: PATHS, censor: '[redacted]' },
      base: { pid: process.pid },
      timestamp: pino.stdTimeFunctions.isoTime,
    },
    { write: (line: string) => void process.stdout.write(scrub(line)) },
  )
}

/** A log that writes nothing: for tests and tools whose output is something else. */
export const silentLog: Log = pino({ level: 'silent' })
