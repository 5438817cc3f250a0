import type { Raw } from '../testing/random-schema.ts'

type Field = { [key: string]: Raw }

const FIELDS = 20

/** One version of one schema: twenty fields of all kinds, and one more with a default in each version. */
export function schemaVersion(schema: number, version: number): Raw {
  const fields: Field[] = Array.from({ length: FIELDS }, (_, index) => ({
    name: `field${index}`,
    doc: `Field ${index}.`,
    ...typeOf(index, schema),
  }))
  for (let extra = 1; extra < version; extra++)
    fields.push({ name: `added${extra}`, type: ['null', 'string'], default: null, doc: `Added in ${extra + 1}.` })
  return { type: 'record', name: `Event${schema}`, namespace: 'bench.events', doc: `Event ${schema}.`, fields }
}

function typeOf(index: number, schema: number): Field {
  switch (index % 6) {
    case 0:
      return { type: 'string' }
    case 1:
      return { type: { type: 'long', logicalType: 'timestamp-millis' } }
    case 2:
      return { type: ['null', 'int'], default: null }
    case 3:
      return { type: { type: 'array', items: line(index, schema) }, default: [] }
    case 4:
      return {
        type: {
          type: 'enum',
          name: `Kind${index}`,
          doc: 'A kind.',
          symbols: ['A', 'B', 'UNKNOWN'],
          default: 'UNKNOWN',
        },
      }
    default:
      return { type: 'double', default: 0 }
  }
}

function line(index: number, schema: number): Raw {
  const name = `Line${index}`
  const parent: Field = { name: 'parent', type: ['null', name], default: null, doc: 'Itself again.' }
  return {
    type: 'record',
    name,
    doc: `A line of ${schema}.`,
    fields: [{ name: 'sku', type: 'string', doc: 'The article.' }, parent],
  }
}
