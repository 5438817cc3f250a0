import { readdirSync, readFileSync } from 'node:fs'
import { expect, it } from 'vitest'

const FOLDER = new URL('./migrations/', import.meta.url)
const files = readdirSync(FOLDER).filter((name) => name.endsWith('.sql'))
const NAMES_A_TABLE = /\{\s*\w+\s*:\s*Identifier\s*\}/i

it('no published view takes a name as its parameter: with the rights of the view its caller could read any table', () => {
  expect('SELECT * FROM {t : Identifier}').toMatch(NAMES_A_TABLE)
  expect(files.length).toBeGreaterThan(15)
  for (const file of files) expect(readFileSync(new URL(file, FOLDER), 'utf8'), file).not.toMatch(NAMES_A_TABLE)
})
