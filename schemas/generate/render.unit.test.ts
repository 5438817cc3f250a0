import { expect, test } from 'vitest'
import type { AvroField, AvroType } from './avro.ts'
import type { EventSource } from './read-events.ts'
import { renderEvents } from './render.ts'

function event(name: string, ...fields: AvroField[]): EventSource {
  return { topic: 'things', file: `things/${name}.avsc`, schema: { type: 'record', name, namespace: 'shop', fields } }
}

function field(name: string, type: AvroType, more: Partial<AvroField> = {}): AvroField {
  return { name, type, ...more }
}

function record(name: string, ...fields: AvroField[]): AvroType {
  return { type: 'record', name, fields }
}

test.each<[string, AvroField, string]>([
  ['text', field('a', 'string'), 'a: string'],
  ['an int', field('a', 'int'), 'a: number'],
  ['a uuid', field('a', { type: 'string', logicalType: 'uuid' }), 'a: Uuid'],
  ['a time', field('a', { type: 'long', logicalType: 'timestamp-millis' }), 'a: EpochMillis'],
  ['an optional field', field('a', ['null', 'string'], { default: null }), 'a: string | null'],
  ['a sensitive field', field('a', 'string', { 'x-sensitive': true }), 'a: Sensitive<string>'],
  [
    'a sensitive optional field',
    field('a', ['null', 'string'], { 'x-sensitive': true }),
    'a: Sensitive<string> | null',
  ],
  ['a list', field('a', { type: 'array', items: 'int' }), 'a: readonly number[]'],
  ['a list of optional items', field('a', { type: 'array', items: ['null', 'int'] }), 'a: readonly (null | number)[]'],
  ['a map', field('a', { type: 'map', values: 'long' }), 'a: Readonly<Record<string, number>>'],
  ['an enum', field('a', { type: 'enum', name: 'Colour', symbols: ['RED', 'UNKNOWN'] }), 'a: Colour'],
])('%s has its TypeScript type', (_name, given, expected) => {
  expect(renderEvents([event('Thing', given)])).toContain(`  readonly ${expected}\n`)
})

test('an enum becomes a union of its symbols', () => {
  const colour = field('a', { type: 'enum', name: 'Colour', symbols: ['RED', 'UNKNOWN'] })
  expect(renderEvents([event('Thing', colour)])).toContain("export type Colour = 'RED' | 'UNKNOWN'")
})

test('a logical type nobody decided on is refused', () => {
  const price = field('price', { type: 'bytes', logicalType: 'decimal' })
  expect(() => renderEvents([event('Thing', price)])).toThrow(
    expect.objectContaining({ code: 'SCHEMA_TYPE_UNSUPPORTED' }),
  )
})

test('records of one name and shape are one type, of different shapes each have the name of their event', () => {
  const line = record('Line', field('quantity', 'int'))
  const other = record('Line', field('amount', 'long'))
  const same = renderEvents([event('A', field('line', line)), event('B', field('line', line))])
  expect(same.match(/export interface Line /g)).toHaveLength(1)
  const different = renderEvents([event('A', field('line', line)), event('B', field('line', other))])
  expect(different).toContain('export interface ALine {\n  readonly quantity: number\n}')
  expect(different).toContain('export interface BLine {\n  readonly amount: number\n}')
})

test('the outermost sensitive field of each branch is a sensitive path', () => {
  const card = record('Card', field('token', 'string', { 'x-sensitive': true }), field('brand', 'string'))
  const address = record('Address', field('street', 'string', { 'x-sensitive': true }))
  const text = renderEvents([
    event('Thing', field('cards', { type: 'array', items: card }), field('address', address, { 'x-sensitive': true })),
  ])
  expect(text).toContain("sensitivePaths: ['cards[].token', 'address']")
})

test('fields with a default may be left out when publishing', () => {
  const text = renderEvents([event('Thing', field('a', 'int', { default: 0 }), field('b', 'int')), event('Whole')])
  expect(text).toContain("  Thing: 'a'\n  Whole: never")
})

test('quotes, backslashes and ends of comments in a doc stay text', () => {
  const text = renderEvents([event('Thing', field('a', 'int', { doc: "it's a \\ and */ here" }))])
  expect(text).toContain("/** it's a \\ and *\\/ here */")
  const schema = /schema: '(.*)',\n/.exec(text)?.[1] ?? ''
  expect(schema).toContain(String.raw`it\'s a \\\\ and */ here`)
})
