import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { startProcess } from '#pipelines/testing/process.ts'
import { holderOf, tryLock, withLock } from './lock.ts'
import { identityOf } from './pid.ts'

let folder: string
let file: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'eshop-lock-'))
  file = join(folder, 'lock')
})
afterEach(() => rmSync(folder, { recursive: true }))

test('of those who want it at once each gets it in turn', async () => {
  let inside = 0
  let most = 0
  const work = async () => {
    most = Math.max(most, ++inside)
    await new Promise((resolve) => setTimeout(resolve, 5))
    inside--
  }
  await Promise.all([1, 2, 3].map(() => withLock(file, work)))
  expect(most).toBe(1)
  expect(readdirSync(folder)).toEqual([])
})

test('the lock of a living process is respected, that of a dead one is taken over', async () => {
  const holder = startProcess(['-e', 'setInterval(() => {}, 1000); console.log("up")'])
  await holder.saw('up')
  writeFileSync(file, JSON.stringify(identityOf(holder.pid)))
  expect(tryLock(file)).toBe(false)
  holder.signal('SIGKILL')
  await holder.exited
  expect(tryLock(file)).toBe(true)
  expect(holderOf(file)?.pid).toBe(process.pid)
})

test('it is given back when the work fails', async () => {
  await expect(withLock(file, () => Promise.reject(new TypeError('broke')))).rejects.toThrow('broke')
  expect(tryLock(file)).toBe(true)
})
