import type { Position, Source } from './avro/source.ts'
import type { Direction } from './compat/modes.ts'
import type { IncompatibilityType } from './compat/reference.ts'
import type { RuleId } from './rules/catalogue.ts'

export type Level = 'error' | 'warning'

/** A JSON pointer into one text. */
export interface Place {
  readonly source: Source
  readonly pointer: string
}

/** What one look at a schema, or at a pair of schemas, found. Not yet judged: levels, positions and suppression come later. */
export interface Observation {
  readonly rule: RuleId
  readonly place: Place
  /** Dotted path from the root record: `items[].price`; '' for the schema itself. */
  readonly field: string
  /** What changed or is wrong, without a full stop. */
  readonly message: string
  readonly fix: string
  /** Who breaks, for what is not a matter of versions. */
  readonly breaks?: string
  /** For a pair: which of the two fails to read. */
  readonly direction?: Direction
  readonly avro?: AvroFact
}

/** The reference's own words for an incompatibility. */
export interface AvroFact {
  readonly type: IncompatibilityType
  /** JSON pointer into the reader, as the Java library tells it. */
  readonly location: string
  /** JSON pointer into the text of the writer, to what was compared. */
  readonly writer: string
}

/** One broken reading: against which version, and what the reference says. */
export interface Break extends Partial<AvroFact> {
  readonly version: string
  readonly direction?: Direction
}

/** A judged finding, as all reports and the library give it. */
export interface Finding extends Position {
  readonly rule: RuleId
  readonly level: Level
  /** Relative to the working folder. */
  readonly path: string
  readonly subject: string
  readonly field: string
  readonly message: string
  /** Who breaks: `readers still on v1-v3 fail on new data`. */
  readonly breaks: string
  readonly fix: string
  /** Every version and direction it holds for. */
  readonly versions: readonly Break[]
  /** Set when line and column are those of an older version, since what they point at is gone. */
  readonly stoodIn?: { readonly version: string; readonly path: string }
}

/** `subject.field`, or the subject alone. */
export function placeOf({ subject, field }: Pick<Finding, 'subject' | 'field'>): string {
  return field === '' ? subject : `${subject}.${field}`
}
