import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { runOnce } from './run-once.ts'
import { task } from './task.ts'

async function programThat(source: string): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'eshop-run-once-'))
  onTestFinished(() => rm(folder, { recursive: true }))
  const program = join(folder, 'program.mjs')
  await writeFile(program, source)
  return program
}

const HANGS = 'setInterval(() => {}, 1_000)'
const HANGS_AND_IGNORES = `process.on('SIGTERM', () => {}); ${HANGS}`
const forever = () => new AbortController().signal

test('a run that hangs is ended, so that the next can begin', async () => {
  const limits = { program: await programThat(HANGS), limitMs: 200, stopWithinMs: 60_000 }
  await expect(runOnce(forever(), limits)).rejects.toMatchObject({
    code: 'TASK_RUN_FAILED',
    facts: { killedBy: 'SIGTERM' },
  })
})

test('one that does not end when it is told to is killed', async () => {
  const limits = { program: await programThat(HANGS_AND_IGNORES), limitMs: 2_000, stopWithinMs: 200 }
  await expect(runOnce(forever(), limits)).rejects.toMatchObject({ facts: { killedBy: 'SIGKILL' } })
})

test('so is one that hangs when the schedule is told to stop', async () => {
  const limits = { program: await programThat(HANGS_AND_IGNORES), limitMs: 60_000, stopWithinMs: 200 }
  const stop = new AbortController()
  setTimeout(() => stop.abort(), 2_000)
  await runOnce(stop.signal, limits)
})

test('a run in time is left alone', async () => {
  await runOnce(forever(), { program: await programThat(''), limitMs: 60_000, stopWithinMs: 1 })
})

test('the task has a limit of its own, which comes first and is recorded', () => {
  expect(task.timeLimitMs).toBe(60_000)
})
