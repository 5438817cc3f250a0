/** Avro schemas as they stand in an `.avsc` file: the part of Avro 1.12 that events use. */
export type AvroType = string | AvroRecord | AvroEnum | AvroArray | AvroMap | AvroPrimitive | readonly AvroType[]

export interface AvroPrimitive {
  readonly type: 'string' | 'int' | 'long' | 'boolean' | 'float' | 'double' | 'bytes' | 'null'
  readonly logicalType?: string
}

export interface AvroArray {
  readonly type: 'array'
  readonly items: AvroType
}

export interface AvroMap {
  readonly type: 'map'
  readonly values: AvroType
}

export interface AvroEnum {
  readonly type: 'enum'
  readonly name: string
  readonly doc?: string
  readonly symbols: readonly string[]
  readonly default?: string
}

export interface AvroField {
  readonly name: string
  readonly type: AvroType
  readonly doc?: string
  readonly default?: unknown
  readonly aliases?: readonly string[]
  /** Whether the value is personal or lets somebody pay: branded in TypeScript, masked in logs and listings, not kept by analytics. */
  readonly 'x-sensitive'?: boolean
}

export interface AvroRecord {
  readonly type: 'record'
  readonly name: string
  readonly namespace?: string
  readonly doc?: string
  readonly aliases?: readonly string[]
  readonly fields: readonly AvroField[]
}

/** The schema of an event: a record with a namespace of its own. */
export interface EventRecord extends AvroRecord {
  readonly namespace: string
}
