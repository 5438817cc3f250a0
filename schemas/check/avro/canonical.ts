import { branchName, isNamed, type Schema } from './schema.ts'

/** Avro's Parsing Canonical Form: what decides how bytes are read, without docs, defaults, aliases and order. */
export function canonicalForm(schema: Schema, seen: Set<string> = new Set()): string {
  if (isNamed(schema)) {
    const name = quoted(schema.fullName)
    if (seen.has(schema.fullName)) return name
    seen.add(schema.fullName)
    const head = `{"name":${name},"type":"${schema.type}"`
    if (schema.type === 'enum') return `${head},"symbols":[${schema.symbols.map(quoted).join(',')}]}`
    if (schema.type === 'fixed') return `${head},"size":${schema.size}}`
    const fields = schema.fields.map(
      (field) => `{"name":${quoted(field.name)},"type":${canonicalForm(field.schema, seen)}}`,
    )
    return `${head},"fields":[${fields.join(',')}]}`
  }
  if (schema.type === 'array') return `{"type":"array","items":${canonicalForm(schema.items, seen)}}`
  if (schema.type === 'map') return `{"type":"map","values":${canonicalForm(schema.values, seen)}}`
  if (schema.type === 'union') return `[${schema.branches.map((branch) => canonicalForm(branch, seen)).join(',')}]`
  return quoted(branchName(schema))
}

function quoted(text: string): string {
  return `"${text}"`
}

const EMPTY = 0xc15d213aa4d7a795n
const TABLE_SIZE = 256

/** CRC-64-AVRO (Rabin) of a schema's canonical form, as 16 hexadecimal digits: Avro's own short fingerprint. */
export function fingerprint(schema: Schema): string {
  const table = rabinTable()
  let result = EMPTY
  for (const byte of new TextEncoder().encode(canonicalForm(schema))) {
    result = (result >> 8n) ^ (table[Number((result ^ BigInt(byte)) & 0xffn)] ?? 0n)
  }
  return result.toString(16).padStart(16, '0')
}

function rabinTable(): readonly bigint[] {
  return Array.from({ length: TABLE_SIZE }, (_, index) => {
    let value = BigInt(index)
    for (let bit = 0; bit < 8; bit++) value = (value >> 1n) ^ ((value & 1n) === 1n ? EMPTY : 0n)
    return value
  })
}
