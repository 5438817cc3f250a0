import { CodedError, messageOf } from '#pipelines/kernel/errors.ts'

/** An error as ClickHouse tells it: clients compare the number and the type. */
export class ServerError extends CodedError {
  readonly number: number
  constructor(number: number, type: string, message: string, cause?: unknown) {
    super(type, message, { cause })
    this.number = number
  }
}

export const syntaxError = (message: string) => new ServerError(62, 'SYNTAX_ERROR', message)
export const badArguments = (message: string) => new ServerError(36, 'BAD_ARGUMENTS', message)
export const unknownFormat = (message: string) => new ServerError(73, 'UNKNOWN_FORMAT', message)
export const accessDenied = (message: string) => new ServerError(497, 'ACCESS_DENIED', message)
export const unknownFunction = (message: string) => new ServerError(46, 'UNKNOWN_FUNCTION', message)
export const notImplemented = (message: string) => new ServerError(48, 'NOT_IMPLEMENTED', message)
export const tooBusy = (message: string) => new ServerError(202, 'TOO_MANY_SIMULTANEOUS_QUERIES', message)
export const cancelled = () => new ServerError(394, 'QUERY_WAS_CANCELLED', 'Query was cancelled.')

const ENGINE_MESSAGE = /^Code: (\d+)\. DB::Exception: ([\s\S]*?)\s*\(([A-Z][A-Z0-9_]{2,})\)\s*$/

/** The guard reads a statement by a function of the engine: that it failed within that says nothing to whoever wrote the statement. */
const GUARD_SCOPE = /: In scope SELECT\s+formatQuerySingleLine\([\s\S]*$/

/** Whatever was thrown, as an error that clients understand. `hidden` is blacked out: paths of ours say nothing to them. */
export function toServerError(error: unknown, hidden?: string): ServerError {
  if (error instanceof ServerError) return error
  const text = hidden ? messageOf(error).replaceAll(hidden, 'request body') : messageOf(error)
  const [, number, message, type] = ENGINE_MESSAGE.exec(text) ?? []
  if (number && message !== undefined && type)
    return new ServerError(Number(number), type, message.replace(GUARD_SCOPE, ''), error)
  return new ServerError(1002, 'UNKNOWN_EXCEPTION', text, error)
}

/** The text that drivers parse: `Code: 47. DB::Exception: … (UNKNOWN_IDENTIFIER) (version …)`. */
export function errorText(error: ServerError, version: string): string {
  return `Code: ${error.number}. DB::Exception: ${error.message} (${error.code}) (version ${version})\n`
}

/** The HTTP status the real server gives for the error. */
export function statusOf(error: ServerError): number {
  switch (error.number) {
    case 193: // WRONG_PASSWORD
    case 194: // REQUIRED_PASSWORD
      return 401
    case 516: // AUTHENTICATION_FAILED
    case 497: // ACCESS_DENIED
      return 403
    case 46: // UNKNOWN_FUNCTION
    case 47: // UNKNOWN_IDENTIFIER
    case 60: // UNKNOWN_TABLE
    case 81: // UNKNOWN_DATABASE
      return 404
    case 6: // CANNOT_PARSE_TEXT
    case 26: // CANNOT_PARSE_QUOTED_STRING
    case 27: // CANNOT_PARSE_INPUT_ASSERTION_FAILED
    case 36: // BAD_ARGUMENTS
    case 38: // CANNOT_PARSE_DATE
    case 41: // CANNOT_PARSE_DATETIME
    case 53: // TYPE_MISMATCH
    case 62: // SYNTAX_ERROR
    case 72: // CANNOT_PARSE_NUMBER
    case 115: // UNKNOWN_SETTING
    case 456: // UNKNOWN_QUERY_PARAMETER
      return 400
    case 158: // TOO_MANY_ROWS
    case 307: // TOO_MANY_BYTES
      return 413
    case 159: // TIMEOUT_EXCEEDED
      return 408
    case 48: // NOT_IMPLEMENTED
      return 501
    case 202: // TOO_MANY_SIMULTANEOUS_QUERIES
      return 503
    default:
      return 500
  }
}
