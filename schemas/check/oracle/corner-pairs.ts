import type { Pair } from './java.ts'

/*
 * Corners of the Java reference that random pairs meet once in ten thousand or less: each was a difference once. Most are a type that is
 * defined a second time, which Java takes if it compares equal to the first.
 */

type Type = string | readonly Type[] | { readonly [key: string]: unknown }

function record(...types: readonly Type[]): Type {
  return { type: 'record', name: 'R', fields: types.map((type, index) => ({ name: 'abcd'[index], type })) }
}

function t(type: Type, ofField: object = {}, ofRecord: object = {}): Type {
  return { type: 'record', name: 'T', fields: [{ name: 'x', type, ...ofField }], ...ofRecord }
}

function s(size: number, more: object = {}): Type {
  return { type: 'fixed', name: 'S', size, ...more }
}

function e(symbols: string, more: object = {}): Type {
  return { type: 'enum', name: 'E', symbols: [...symbols], ...more }
}

/** Two definitions of one name. */
const TWICE: readonly (readonly [Type, Type])[] = [
  [t('int', { default: 1 }), t('int', { default: 2 })],
  [t('int', { default: 1 }), t('int')],
  [t('int', { order: 'ignore' }), t('int')],
  [t('int', { order: 'ASCENDING' }), t('int')],
  [t('int', { doc: 'x', aliases: ['y'] }, { doc: 'T', aliases: ['Q'] }), t('int')],
  [t('int', { mark: true }), t('int')],
  [t('int', {}, { mark: true }), t('int')],
  [t('int', {}, { default: { x: 1 } }), t('int')],
  [t('int', {}, { type: 'error' }), t('int')],
  [t({ type: 'int', doc: 'x' }), t('int')],
  [t({ type: 'int', mark: true }), t('int')],
  [t({ type: 'int', logicalType: 'date' }), t('int')],
  [t(['null', { type: 'int' }]), t(['null', 'int'])],
  [t({ type: 'array', items: { type: 'int' } }), t({ type: 'array', items: 'int' })],
  [t({ type: 'array', items: 'int', mark: true }), t({ type: 'array', items: 'int' })],
  [t(['null', 'T']), t(['null', 'T'])],
  [t(t('T')), 'T'],
  [t(s(3)), t('S')],
  [t(s(3)), t(s(3, { aliases: ['Q'] }))],
  [t(s(3)), t(s(4))],
  [t(e('AB')), t(e('AB', { default: 'A' }))],
  [s(3, { doc: 'x' }), s(3)],
  [s(3, { default: 'xxx' }), s(3)],
  [e('AB'), e('AB', { default: 'A' })],
  [e('AB', { default: 'A' }), e('AB', { default: 'B' })],
  [e('AB'), e('BA')],
]

/** A finding inside such a type is told at each of its definitions, and not at the names that mean the first. */
const INSIDE: readonly (readonly [Type, Type])[] = [
  [record(s(4), s(4)), record(s(4), s(4))],
  [record(s(4), s(4)), record(s(8), s(8))],
  [record(e('AB'), e('AB', { default: 'B' })), record(e('ABC'), e('ABC'))],
  [record(e('AB', { default: 'A' }), e('AB')), record(e('ABC'), e('ABC'))],
  [record(t('int'), 'T', t('int', { doc: 'x' }), 'T'), record(t('string'), 'T', 'T', t('string'))],
]

/** Two fields of the reader mean one union of the writer: what was found first in a branch is told for the second field too. */
const MET_AGAIN: readonly [Type, Type] = [
  {
    type: 'record',
    name: 'R',
    fields: [
      { name: 'a', type: [s(4), 'double', 'bytes'] },
      { name: 'b', type: 'S', aliases: ['a'] },
    ],
  },
  { type: 'record', name: 'R', fields: [{ name: 'a', type: ['bytes', 'double', s(4)] }] },
]

/** A default of a type that the file defines later: Java sees an empty record there. */
const EARLY: readonly Type[] = [
  { default: 'xxx' },
  { default: {} },
  { type: ['S', 'string'], default: 'xxx' },
  { type: { type: 'array', items: 'S' }, default: [] },
  { type: { type: 'array', items: 'S' }, default: ['xxx'] },
].map((early) => ({
  type: 'record',
  name: 'R',
  fields: [
    { name: 'a', type: 'S', ...early },
    { name: 'b', type: s(3) },
  ],
}))

export const CORNER_PAIRS: readonly Pair[] = [
  ...TWICE.map(([first, second]) => [record(first, second), record('string', 'string')]),
  ...INSIDE,
  MET_AGAIN,
  ...EARLY.map((reader): [Type, Type] => [reader, record('string', s(3))]),
].map(([reader, writer]): Pair => [JSON.stringify(reader), JSON.stringify(writer)])
