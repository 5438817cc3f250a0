import { CodedError, Unavailable } from '#pipelines/kernel/errors.ts'

/** Not in Confluent framing: too short, or the first byte is not 0. Somebody else's record, or plain JSON. */
export class NotFramed extends CodedError {
  constructor(length: number, firstByte: number | undefined) {
    super('EVENT_NOT_FRAMED', 'the record does not begin with a 0 byte and a schema id', {
      facts: { length, firstByte },
    })
  }
}

/** The registry is there and knows no schema of this id: the record comes from elsewhere, or the registry lost its schemas. */
export class UnknownSchemaId extends CodedError {
  constructor(schemaId: number) {
    super('EVENT_SCHEMA_UNKNOWN', `the registry knows no schema ${schemaId}`, { facts: { schemaId } })
  }
}

/** The record ends before its schema does. */
export class Truncated extends CodedError {
  constructor(facts: { readonly schemaId?: number; readonly length: number }) {
    super('EVENT_TRUNCATED', `the record ends too early, after ${facts.length} bytes`, { facts })
  }
}

/** The record goes on after its schema ended. */
export class TrailingBytes extends CodedError {
  constructor(facts: { readonly schemaId: number; readonly length: number; readonly extra: number }) {
    super('EVENT_TRAILING_BYTES', `the record has ${facts.extra} bytes too many`, { facts })
  }
}

/** The bytes are no value of the schema: an enum or union branch that does not exist. */
export class Malformed extends CodedError {
  constructor(schemaId: number, cause: unknown) {
    super('EVENT_MALFORMED', `the record is no value of schema ${schemaId}`, { facts: { schemaId }, cause })
  }
}

/** A long beyond 2^53: a JavaScript number would silently be another amount. */
export class LongUnsafe extends CodedError {
  constructor(facts: { readonly schemaId?: number } = {}) {
    super('EVENT_LONG_UNSAFE', 'the record holds an integer beyond 2^53, which would lose digits', { facts })
  }
}

/** The writer's schema cannot be read as ours: it was registered past the compatibility rules. */
export class NotResolvable extends CodedError {
  constructor(facts: { readonly schemaId: number; readonly type?: string; readonly reason: string }) {
    super('EVENT_NOT_RESOLVABLE', `schema ${facts.schemaId} cannot be read as ours: ${facts.reason}`, { facts })
  }
}

/** A record that this version of the code has no event for: a newer producer, or not ours. */
export class UnknownEventType extends CodedError {
  constructor(facts: { readonly schemaId: number; readonly record: string }) {
    super('EVENT_TYPE_UNKNOWN', `there is no event "${facts.record}" here`, { facts })
  }
}

/** One place where an event differs from its schema. `path` is a JSON pointer. `actual` never shows a sensitive value. */
export interface Misfit {
  readonly path: string
  readonly expected: string
  readonly actual: string
}

/** The event to publish is no value of its schema. */
export class DoesNotFit extends CodedError {
  constructor(type: string, misfits: readonly Misfit[]) {
    const list = misfits.map(({ path, expected, actual }) => `${path || '/'} must be ${expected}, is ${actual}`)
    super('EVENT_DOES_NOT_FIT', `${type} does not fit its schema: ${list.slice(0, 5).join('; ')}`, {
      facts: { type, misfits },
    })
  }
}

/** A type is published that {@link Codec.prepare} was not told of. A fault in the wiring. */
export class NotPrepared extends CodedError {
  constructor(type: string) {
    super('EVENT_NOT_PREPARED', `${type} was not prepared: name it when the codec is prepared`, { facts: { type } })
  }
}

/** The registry does not hold what we write. Starting without would fail at the first event. */
export class SchemasNotRegistered extends CodedError {
  constructor(subjects: readonly string[]) {
    super(
      'SCHEMAS_NOT_REGISTERED',
      `the registry does not hold our schema under ${subjects.join(', ')}: run \`eshop schema register\``,
      { facts: { subjects } },
    )
  }
}

/** The registry refuses a schema, because readers or stored records of another version would break. */
export class SchemaIncompatible extends CodedError {
  constructor(facts: { readonly subject: string; readonly reason: string }) {
    super(
      'SCHEMA_INCOMPATIBLE',
      `the registry refuses the schema of ${facts.subject}: ${facts.reason}. Change it so that it reads every older version and they read it`,
      { facts },
    )
  }
}

/** The registry refuses a schema that is not valid Avro to it. */
export class SchemaInvalid extends CodedError {
  constructor(facts: { readonly subject: string; readonly reason: string }) {
    super('SCHEMA_INVALID', `the registry cannot read the schema of ${facts.subject}: ${facts.reason}`, { facts })
  }
}

/** The registry does not answer as one. Wait and try again: no record is at fault. */
export class RegistryUnavailable extends Unavailable {
  constructor(facts: { readonly url: string; readonly status?: number }, cause?: unknown) {
    const what = facts.status === undefined ? 'does not answer' : `answers ${facts.status}`
    super('REGISTRY_UNAVAILABLE', `the schema registry at ${facts.url} ${what}`, { facts, cause })
  }
}
