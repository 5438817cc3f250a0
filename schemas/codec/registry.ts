/** A schema as the registry holds it. */
export interface Registered {
  /** What stands in every record's header. */
  readonly id: number
  /** Counts the schemas of a subject from 1. */
  readonly version: number
}

export type CompatibilityLevel =
  | 'NONE'
  | 'BACKWARD'
  | 'BACKWARD_TRANSITIVE'
  | 'FORWARD'
  | 'FORWARD_TRANSITIVE'
  | 'FULL'
  | 'FULL_TRANSITIVE'

/** What a codec needs of a registry. */
export interface SchemaLookup {
  /** Finds a schema by its content under a subject; nothing if it is not registered there. */
  find(subject: string, schema: string): Promise<Registered | undefined>
  /** The schema text of an id; nothing if the registry is there and does not know it. */
  schemaOf(id: number): Promise<string | undefined>
}

/** What `eshop schema register` needs beside. Only it writes. */
export interface Registry extends SchemaLookup {
  /** Registers a schema under a subject. The same schema again gives the same id. */
  register(subject: string, schema: string): Promise<Registered>
  compatibility(): Promise<CompatibilityLevel>
  /** Of one subject, or of all that have none of their own. */
  setCompatibility(level: CompatibilityLevel, subject?: string): Promise<void>
}
