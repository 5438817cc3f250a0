import { appendFile, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import type { Invoice } from './invoices.ts'
import { checkoutKey, keyOfInvoice, openProgress } from './progress.ts'

const invoice: Invoice = { invoice: '1', customer: 'c', country: '', at: 0, rows: 1, lines: [] }
const accepted = { orderId: 'o-1', totalMinor: 100, units: 2 }
let folder: string
let file: string

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'eshop-progress-'))
  file = join(folder, 'history.csv')
  await writeFile(file, 'some,history\n')
})
afterEach(() => rm(folder, { recursive: true }))

const openRun = (flags: { resume?: boolean; again?: boolean; reading?: string } = {}) =>
  openProgress({ folder: join(folder, 'replay'), file, resume: false, again: false, reading: 'EUR', ...flags })

test('a resumed run has the same id, so the same keys, and remembers what was accepted', async () => {
  const first = await openRun()
  await first.accept(invoice, accepted)
  const second = await openRun({ resume: true })
  expect(checkoutKey(second.run, invoice)).toBe(checkoutKey(first.run, invoice))
  expect(second.accepted.get(keyOfInvoice(invoice))).toMatchObject(accepted)
})

test('a line that a kill cut off is forgotten, and what comes after it is not', async () => {
  const first = await openRun()
  const [path] = await readdir(join(folder, 'replay'))
  await appendFile(join(folder, 'replay', String(path)), '{"key":"torn","ord')
  await first.accept(invoice, accepted)
  const second = await openRun({ resume: true })
  expect([...second.accepted.keys()]).toEqual([keyOfInvoice(invoice)])
  expect(second.run).toBe(first.run)
})

test('an interrupted run is not begun anew by mistake, nor a finished one', async () => {
  const first = await openRun()
  await expect(openRun()).rejects.toMatchObject({ code: 'REPLAY_INTERRUPTED' })
  await first.finish()
  await expect(openRun()).rejects.toMatchObject({ code: 'REPLAY_DONE' })
})

test('ordering everything anew takes new keys', async () => {
  const first = await openRun()
  await first.accept(invoice, accepted)
  const second = await openRun({ again: true })
  expect(checkoutKey(second.run, invoice)).not.toBe(checkoutKey(first.run, invoice))
  expect(second.accepted.size).toBe(0)
})

test('what cannot be resumed says so', async () => {
  await expect(openRun({ resume: true })).rejects.toMatchObject({ code: 'REPLAY_NOTHING_TO_RESUME' })
  await openRun()
  await expect(openRun({ resume: true, reading: 'GBP' })).rejects.toMatchObject({ code: 'REPLAY_READ_OTHERWISE' })
})

test('keys differ by run, invoice and customer', () => {
  const keys = [
    checkoutKey('r', invoice),
    checkoutKey('s', invoice),
    checkoutKey('r', { ...invoice, invoice: '2' }),
    checkoutKey('r', { ...invoice, customer: 'd' }),
  ]
  expect(new Set(keys).size).toBe(4)
})
