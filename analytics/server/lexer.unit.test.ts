import { describe, expect, it } from 'vitest'
import { firstWord, formatOf, hasSeveralStatements, holdsWord, splitInsert } from './lexer.ts'

describe('an insert that brings its rows', () => {
  it.each([
    ['INSERT INTO t FORMAT CSV\n1,2\n', 'CSV', '1,2\n'],
    ['insert into t (a, `format`) format JSONEachRow {"a":1}', 'JSONEachRow', '{"a":1}'],
    ['INSERT INTO t SETTINGS max_threads = 1 FORMAT Native\n\n\x00', 'Native', '\n\x00'],
    ["/* INSERT x FORMAT y */ INSERT INTO FUNCTION null('a FORMAT b') FORMAT RowBinary\r\nxyz", 'RowBinary', 'xyz'],
    ['INSERT INTO t -- FORMAT no\n FORMAT TSV\n1', 'TSV', '1'],
  ])('is split: %j', (sql, format, rows) => {
    const head = splitInsert(sql)
    expect(head?.format).toBe(format)
    expect(sql.slice(head?.dataStart)).toBe(rows)
  })

  it('keeps settings behind the place where the file is named', () => {
    expect(splitInsert('INSERT INTO t (a) SETTINGS x = 1 FORMAT CSV\n')).toMatchObject({
      target: 'INSERT INTO t (a) ',
      tail: 'SETTINGS x = 1 FORMAT CSV',
    })
  })

  it.each([
    'INSERT INTO t VALUES (1)',
    'INSERT INTO t SELECT 1 FORMAT CSV',
    'SELECT 1 FORMAT CSV',
    "INSERT INTO t FROM INFILE 'x' FORMAT CSV",
    'INSERT INTO t',
  ])('is not: %s', (sql) => expect(splitInsert(sql)).toBeUndefined())
})

it.each([
  ['SELECT 1; SELECT 2', true],
  ['SELECT 1;', false],
  ['SELECT 1;; -- end', false],
  ['SELECT \';\' AS a, `;`, ";" /* ; x */', false],
  ["SELECT 'it''s; \\' ; still' ; DROP TABLE t", true],
  ['SELECT 1 # ; DROP\n', false],
])('%j holds several statements: %s', (sql, several) => {
  expect(hasSeveralStatements(sql)).toBe(several)
})

it('finds the kind of a statement and words outside of quotes', () => {
  expect(firstWord(' /* a */ -- b\n (( select 1')).toBe('SELECT')
  expect(firstWord('  ')).toBe('')
  expect(holdsWord("SELECT 'OUTFILE', `infile` -- OUTFILE", 'OUTFILE', 'INFILE')).toBe(false)
  expect(holdsWord("SELECT 1 INTO OutFile 'x'", 'OUTFILE')).toBe(true)
})

it.each([
  ['SELECT 1 FORMAT JSON', 'JSON'],
  ['SELECT 1 format JSONEachRow SETTINGS a = 1;', 'JSONEachRow'],
  ['SELECT 1', undefined],
  ['SELECT formatReadableSize(1) AS format', undefined],
])('the format of %j is %s', (sql, format) => {
  expect(formatOf(sql)).toBe(format)
})
