import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { testDatabase } from '#pipelines/testing/database.ts'
import { migrate } from './migrations.ts'

async function folderWith(files: Record<string, string>): Promise<string> {
  const root = await mkdtemp(join(tmpdir(), 'eshop-migrations-'))
  onTestFinished(() => rm(root, { recursive: true }))
  const folder = join(root, 'shelf', 'migrations')
  await mkdir(folder, { recursive: true })
  for (const [name, sql] of Object.entries(files)) await writeFile(join(folder, name), sql)
  return folder
}

test('files are applied in order, once, also when several processes start together', async () => {
  await using database = await testDatabase()
  const folder = await folderWith({
    '002_fill.sql': 'insert into t values (1)',
    '001_table.sql': 'create table t (n int)',
  })
  await Promise.all([migrate(database, [folder]), migrate(database, [folder]), migrate(database, [folder])])
  await migrate(database, [folder])
  expect(await database.query('select n from t')).toEqual([{ n: 1 }])
  expect(await database.query('select name from migrations order by name')).toEqual([
    { name: 'shelf/001_table.sql' },
    { name: 'shelf/002_fill.sql' },
  ])
})

test('a file that fails leaves nothing of itself', async () => {
  await using database = await testDatabase()
  const folder = await folderWith({ '001_half.sql': 'create table half (n int); select 1/0' })
  await expect(migrate(database, [folder])).rejects.toThrow(/division by zero/)
  expect(await database.query("select to_regclass('half') as half")).toEqual([{ half: null }])
})

test('a file that was edited after it was applied stops the start', async () => {
  await using database = await testDatabase()
  const folder = await folderWith({ '001_table.sql': 'create table t (n int)' })
  await migrate(database, [folder])
  await writeFile(join(folder, '001_table.sql'), 'create table t (n bigint)')
  await expect(migrate(database, [folder])).rejects.toMatchObject({ code: 'MIGRATION_CHANGED' })
})
