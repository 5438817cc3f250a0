import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { readEvents } from './read-events.ts'

let directory: string

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'events-'))
})

afterEach(() => rmSync(directory, { recursive: true }))

function put(file: string, content: string | object): void {
  mkdirSync(dirname(join(directory, file)), { recursive: true })
  writeFileSync(join(directory, file), typeof content === 'string' ? content : JSON.stringify(content))
}

const thing = { type: 'record', name: 'Thing', namespace: 'shop', fields: [] }

test('the folder of a schema is its topic', () => {
  put('things/Thing.avsc', thing)
  put('animals/Animal.avsc', { ...thing, name: 'Animal' })
  put('things/README.md', 'not a schema')
  expect(readEvents(directory).map(({ topic, schema }) => `${topic}/${schema.name}`)).toEqual([
    'animals/Animal',
    'things/Thing',
  ])
})

test.each<[string, string, string | object]>([
  ['is not JSON', 'SCHEMA_UNREADABLE', '{'],
  ['is no record', 'SCHEMA_UNREADABLE', { type: 'enum', name: 'Thing', symbols: [] }],
  ['has no namespace', 'SCHEMA_UNREADABLE', { ...thing, namespace: undefined }],
  ['holds a record of another name', 'SCHEMA_MISNAMED', { ...thing, name: 'Other' }],
  ['has a field called type', 'SCHEMA_MISNAMED', { ...thing, fields: [{ name: 'type', type: 'string' }] }],
])('a file that %s is refused and named', (_why, code, content) => {
  put('things/Thing.avsc', content)
  expect(() => readEvents(directory)).toThrow(
    expect.objectContaining({ code, message: expect.stringContaining('things/Thing.avsc') }),
  )
})

test('an event cannot stand on two topics', () => {
  put('things/Thing.avsc', thing)
  put('others/Thing.avsc', thing)
  expect(() => readEvents(directory)).toThrow(expect.objectContaining({ code: 'SCHEMA_MISNAMED' }))
})
