import { existsSync, mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { eventually } from '#pipelines/testing/eventually.ts'
import { startProcess } from '#pipelines/testing/process.ts'
import { identityOf } from './pid.ts'

const HOLDER = `
  import { spawn } from 'node:child_process'
  import { createLeash } from '#pipelines/local/process/leash.ts'
  const child = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)'], { detached: true, stdio: 'ignore' })
  const leash = createLeash()
  leash.holdProcess(child.pid)
  leash.holdDirectory(process.argv[1])
  console.log('child', child.pid)
  if (process.argv[2] === 'close') { await leash.close(); process.exit(0) }
  setInterval(() => {}, 1000)`

test('a process and a folder on the leash do not outlive a holder that is killed', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'eshop-leash-'))
  const holder = startProcess(['--input-type=module', '-e', HOLDER, folder, 'hold'])
  const [, pid] = await holder.saw(/child (\d+)/)
  expect(identityOf(Number(pid))).toBeDefined()
  holder.signal('SIGKILL')
  await eventually(() => !existsSync(folder) && identityOf(Number(pid)) === undefined)
})

const STARTER = `
  import { spawn } from 'node:child_process'
  import { createLeash } from '#pipelines/local/process/leash.ts'
  const starter = \`
    const child = require('node:child_process').spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)'], { detached: true, stdio: 'ignore' })
    process.on('SIGTERM', () => { child.kill('SIGKILL'); child.once('exit', () => process.exit(0)) })
    console.log(child.pid)\`
  const child = spawn(process.execPath, ['-e', starter], { detached: true, stdio: ['ignore', 'pipe', 'ignore'] })
  child.stdout.once('data', (pid) => {
    createLeash().holdStarter(child.pid)
    console.log('starter', child.pid, 'child', String(pid).trim())
  })
  setInterval(() => {}, 1000)`

test('a starter on the leash ends what it started before it ends', async () => {
  const holder = startProcess(['--input-type=module', '-e', STARTER])
  const [, starter, child] = await holder.saw(/starter (\d+) child (\d+)/)
  expect([identityOf(Number(starter)), identityOf(Number(child))]).not.toContain(undefined)
  holder.signal('SIGKILL')
  await eventually(() => identityOf(Number(starter)) === undefined && identityOf(Number(child)) === undefined)
})

test('after close they are nobody else’s business', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'eshop-leash-'))
  const holder = startProcess(['--input-type=module', '-e', HOLDER, folder, 'close'])
  const [, pid] = await holder.saw(/child (\d+)/)
  await holder.exited
  expect(existsSync(folder)).toBe(true)
  expect(identityOf(Number(pid))).toBeDefined()
  process.kill(Number(pid), 'SIGKILL')
})
