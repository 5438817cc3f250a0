import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { tailOf } from './log-tail.ts'

const folder = mkdtempSync(join(tmpdir(), 'eshop-tail-'))
const file = join(folder, 'a.log')
afterAll(() => rmSync(folder, { recursive: true }))

test('it tells the last lines, of JSON the message and the error', () => {
  const line = { level: 60, time: '19:56:54', err: { message: 'no such table', stack: 'long' }, msg: 'stopping' }
  writeFileSync(file, `first\nsecond\n${JSON.stringify(line)}\n{broken\n`)
  expect(tailOf(file, { lines: 3 })).toBe('second\n19:56:54  stopping  no such table\n{broken')
})

test('what an earlier process wrote is not told again', () => {
  writeFileSync(file, 'old\nnew\n')
  expect(tailOf(file, { fromByte: 4 })).toBe('new')
  expect(tailOf(file, { fromByte: 8 })).toBe('')
})

test('only the end of a long log is read, and a log that is not there says nothing', () => {
  writeFileSync(file, `${'x'.repeat(10_000)}\nend\n`)
  expect(tailOf(file, { maxBytes: 8 })).toBe('xxx\nend')
  expect(tailOf(join(folder, 'none.log'))).toBe('')
})
