import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { testDatabase } from '#pipelines/testing/database.ts'
import { startProcess } from '#pipelines/testing/process.ts'

const read = (name: string) => readFileSync(join(import.meta.dirname, name), 'utf8')

test('the example of the README is a task of less than 30 lines that runs', async () => {
  const [, example = ''] = /```ts\n(.*?)```/s.exec(read('README.md')) ?? []
  expect(example).toBe(read('testing/count-to.ts'))
  expect(example.trim().split('\n').length).toBeLessThan(30)
  await using db = await testDatabase()
  const env = { TASKS_DATABASE_URL: db.url }
  const run = startProcess(['pipelines/tasks/testing/run.ts', 'count-to', '{"end": 4}'], { env })
  expect(await run.exited).toEqual({ code: 0, signal: null })
  const [row] = await db.query('select status, result, progress, policy from executions')
  expect(row).toMatchObject({ status: 'SUCCEEDED', result: { counted: 4 }, progress: { done: 4, total: 4 } })
})
