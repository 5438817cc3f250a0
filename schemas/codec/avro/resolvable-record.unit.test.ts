import avsc from 'avsc'
import { expect, test } from 'vitest'
import { avroType } from './avro-type.ts'

/** R is T by an alias, so that T's own union is looked at while R's is: S is met in R's branch twice, and fails there each time. */
const SCHEMA = {
  type: 'record',
  name: 'R',
  aliases: ['T'],
  fields: [
    {
      name: 'd',
      type: [
        'R',
        { type: 'record', name: 'S', fields: [{ name: 'c', type: 'long' }] },
        { type: 'record', name: 'T', fields: [{ name: 'd', type: 'S' }] },
      ],
    },
  ],
}
const NEWER = { ...SCHEMA, fields: [...SCHEMA.fields, { name: 'added', type: 'int', default: 7 }] }

test('a pair that fails in one branch of a union is no resolver when it is met again', () => {
  const writer = avroType(JSON.stringify(SCHEMA))
  const reader = avroType(JSON.stringify(NEWER))
  const bytes = avsc.Type.forSchema(SCHEMA as avsc.Schema, { wrapUnions: true }).toBuffer({ d: { T: { d: { c: 5 } } } })
  const read = reader.fromBuffer(bytes, reader.createResolver(writer, { ignoreNamespaces: true }))
  expect(JSON.parse(JSON.stringify(read))).toEqual({ d: { R: { d: { S: { c: 5 } }, added: 7 } }, added: 7 })
})
