/** Avro as far as our schemas use it. */
export type Avro =
  | string
  | readonly Avro[]
  | { readonly type: 'array'; readonly items: Avro }
  | { readonly type: 'enum'; readonly name: string }
  | { readonly type: 'record'; readonly name: string; readonly fields: readonly Field[] }
  | { readonly type: string; readonly logicalType: string }

export interface Field {
  readonly name: string
  readonly type: Avro
  readonly doc?: string
  readonly 'x-sensitive'?: boolean
}

/** The other branch of a union with null. */
export function notNull(union: readonly Avro[]): Avro {
  return union.find((branch) => branch !== 'null') ?? 'null'
}

/** Sensitive fields are never stored. */
export function stored(field: Field): boolean {
  return field['x-sensitive'] !== true
}

/** `unitPriceMinor` becomes `unit_price_minor`. */
export function snakeCase(name: string): string {
  return name.replace(/[A-Z]/g, (letter, at: number) => (at === 0 ? letter : `_${letter}`).toLowerCase())
}
