/** What an error knows beside its message: where it is in the input and what the reader of the message can do. */
export interface Details {
  readonly path?: string
  readonly line?: number
  readonly column?: number
  /** One sentence: what to do about it. */
  readonly hint?: string
  readonly cause?: unknown
}

/**
 * The base of every error of this product. `code` is stable and is what programs compare. The command line exits with 1, since an
 * input that could not be judged must never look like a clean one.
 */
export class CheckError extends Error {
  readonly code: string
  readonly details: Details

  constructor(code: string, message: string, details: Details = {}) {
    super(message, details.cause === undefined ? undefined : { cause: details.cause })
    this.name = new.target.name
    this.code = code
    this.details = details
  }

  /** `path:line:column: message. Hint`, as far as they are known. */
  override toString(): string {
    const { path, line, column, hint } = this.details
    const place = [path, line, column].filter((part) => part !== undefined).join(':')
    return `${place === '' ? '' : `${place}: `}${this.message}${hint === undefined ? '' : ` ${hint}`}`
  }
}

/** A schema file that cannot be used: not JSON, not Avro, a name twice, a name nobody defines, a cycle of files. */
export class BadSchema extends CheckError {}

/** What the user asked for is wrong: a flag, the config file. The command line exits with 2. */
export class BadUsage extends CheckError {}

/** Several inputs are broken. All are told at once. */
export class ManyErrors extends CheckError {
  readonly errors: readonly CheckError[]

  constructor(errors: readonly CheckError[]) {
    super('MANY', errors.map(String).join('\n'))
    this.errors = errors
  }

  override toString(): string {
    return this.message
  }
}

/** Throws what was collected: nothing, the one error, or all of them together, each once. */
export function throwCollected(errors: readonly CheckError[]): void {
  const different = [...new Map(errors.map((error) => [String(error), error])).values()]
  const [first] = different
  if (first !== undefined) throw different.length === 1 ? first : new ManyErrors(different)
}

/** The message of anything that was thrown. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}
