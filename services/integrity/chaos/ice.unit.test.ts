import { type ChildProcess, spawn } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, describe, expect, test } from 'vitest'
import { identityOf } from '#pipelines/local/process/pid.ts'
import { eventually } from '#pipelines/testing/eventually.ts'
import { createIce } from './ice.ts'

const children: ChildProcess[] = []
afterAll(() => {
  for (const child of children) child.kill('SIGKILL')
})

function start(script: string) {
  const child = spawn(process.execPath, ['--input-type=module', '-e', script], { stdio: ['ignore', 'pipe', 'inherit'] })
  children.push(child)
  return child
}

/** T while stopped. */
const stateOf = (pid: number) => readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ').at(-1)?.[0]
const identity = (pid: number) => identityOf(pid) ?? { pid, startedAt: '' }

describe.runIf(process.platform === 'linux')('a frozen process', () => {
  test('stands still for as long as it was told to, and goes on', async () => {
    using ice = createIce()
    const pid = start('setInterval(() => {}, 1000)').pid ?? 0
    const over = ice.freeze([identity(pid)], 400, new AbortController().signal)
    await eventually(() => stateOf(pid) === 'T', { what: 'stopped' })
    expect(await over).toBe(1)
    expect(stateOf(pid)).not.toBe('T')
  })

  test('goes on when who froze it is killed', async () => {
    const pid = start('setInterval(() => {}, 1000)').pid ?? 0
    const script = `import { createIce } from '${join(import.meta.dirname, 'ice.ts')}'
      await createIce().freeze([${JSON.stringify(identity(pid))}], 600_000, new AbortController().signal)`
    const freezer = start(script)
    await eventually(() => stateOf(pid) === 'T', { what: 'stopped' })
    freezer.kill('SIGKILL')
    await eventually(() => stateOf(pid) !== 'T', { what: 'continued' })
  })

  test('another process of the same number is left alone', async () => {
    using ice = createIce()
    const pid = start('setInterval(() => {}, 1000)').pid ?? 0
    const over = ice.freeze([{ pid, startedAt: 'another time' }], 200, new AbortController().signal)
    expect(stateOf(pid)).not.toBe('T')
    expect(await over).toBe(0)
  })
})
