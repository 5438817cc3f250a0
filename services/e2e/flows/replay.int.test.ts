import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, inject, test } from 'vitest'
import { eventually } from '#pipelines/testing/eventually.ts'
import { randomName } from '#pipelines/testing/names.ts'
import { eshop } from '../harness/eshop.ts'
import { testShop } from '../harness/test-shop.ts'
import { jsonIn } from '../harness/verdict-in.ts'
import type { Outcome } from '../replay/outcome.ts'
import { type SyntheticRetail, syntheticRetail } from '../replay/testing/synthetic-retail.ts'

const shop = testShop()
const memory = join(inject('shop').home, 'data', 'replay')
let folder: string

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'eshop-replay-'))
})
afterAll(() => rm(folder, { recursive: true, force: true }))

interface Made extends SyntheticRetail {
  readonly file: string
  /** How every customer id of the file begins, and no other. */
  readonly tag: string
}

async function aHistory(invoices: number): Promise<Made> {
  const tag = randomName('r')
  const made = syntheticRetail({ seed: 5, invoices, tag })
  const file = join(folder, `${tag}.csv`)
  await writeFile(file, made.csv)
  return { ...made, file, tag }
}

/** The orders that the file's customers have, whatever the replay says. */
async function ordersOf({ tag }: Made): Promise<string[]> {
  const ids: string[] = []
  let cursor: string | null = ''
  while (cursor !== null) {
    const { body } = await shop.orders(`limit=100${cursor ? `&cursor=${encodeURIComponent(cursor)}` : ''}`)
    ids.push(
      ...body.items.filter(({ customerId }) => customerId.startsWith(`customer-${tag}`)).map(({ orderId }) => orderId),
    )
    cursor = body.nextCursor
  }
  return ids
}

/** The run's memory on disk, as lines; the first names the run. */
async function memoryOf({ file }: Made): Promise<{ path: string; lines: string[] } | undefined> {
  for (const name of await readdir(memory).catch(() => [])) {
    const path = join(memory, name)
    const lines = (await readFile(path, 'utf8')).split('\n').filter((line) => line !== '')
    if (lines[0]?.includes(file)) return { path, lines }
  }
  return undefined
}

function expectAll({ expected }: Made, outcome: Outcome): void {
  const side = { orders: expected.invoices, units: expected.units, totalMinor: expected.totalMinor }
  expect({ faults: outcome.faults, refused: outcome.refusedInvoices }).toEqual({ faults: [], refused: [] })
  expect(outcome).toMatchObject({ file: side, accepted: side, analytics: side, orders: { Paid: expected.invoices } })
}

test('a history becomes one Paid order an invoice; rows, units and money agree from three sides', async () => {
  const made = await aHistory(25)
  const replay = eshop('replay', made.file, '--currency', 'GBP', '--json', '--refused-to', `${made.file}.refused`)
  const { code } = await replay.exited
  const outcome = jsonIn<Outcome>(replay)
  expectAll(made, outcome)
  expect(code).toBe(0)
  expect(outcome.rows.read).toBe(made.expected.rows)
  expect(Object.fromEntries(outcome.refusedRows.map(({ reason, count }) => [reason, count]))).toEqual(
    made.expected.refused,
  )
  expect(await ordersOf(made)).toHaveLength(25)
  const refused = Object.values(made.expected.refused).reduce((sum, count) => sum + count, 0)
  expect((await readFile(`${made.file}.refused`, 'utf8')).trim().split('\n')).toHaveLength(refused + 1)

  const again = eshop('replay', made.file, '--currency', 'GBP')
  expect((await again.exited).code).toBe(2)
  expect(again.output()).toContain('REPLAY_DONE')
})

test('killed in the middle and resumed, no invoice is ordered twice', async () => {
  const made = await aHistory(40)
  const first = eshop('replay', made.file, '--currency', 'GBP', '--concurrency', '4')
  await eventually(async () => ((await memoryOf(made))?.lines.length ?? 0) > 6, { withinMs: 60_000 })
  first.signal('SIGKILL')
  await first.exited

  // A crash may also come between the shop's answer and our note of it: forget all notes but the run's id.
  const { path, lines } = (await memoryOf(made)) ?? { path: '', lines: [] }
  await writeFile(path, `${lines[0]}\n${lines[1]}\n`)

  const unsure = eshop('replay', made.file, '--currency', 'GBP')
  expect((await unsure.exited).code).toBe(2)
  expect(unsure.output()).toContain('REPLAY_INTERRUPTED')

  const second = eshop('replay', made.file, '--currency', 'GBP', '--resume', '--json')
  expect((await second.exited).code).toBe(0)
  const outcome = jsonIn<Outcome>(second)
  expectAll(made, outcome)
  expect(outcome.again).toBeGreaterThanOrEqual(lines.length - 1)
  expect(await ordersOf(made)).toHaveLength(40)
})

test('stopped by Ctrl-C it says how to go on', async () => {
  const made = await aHistory(40)
  const replay = eshop('replay', made.file, '--currency', 'GBP', '--rate', '2')
  await eventually(async () => ((await memoryOf(made))?.lines.length ?? 0) > 2, { withinMs: 60_000 })
  replay.signal('SIGINT')
  expect((await replay.exited).code).toBe(1)
  expect(replay.output()).toMatch(/stopped after \d+ of 40 invoices\n.*--resume/)
})

test('a file without the columns, or that is none, is a usage error', async () => {
  const file = join(folder, 'wrong.csv')
  await writeFile(file, 'a,b\n1,2\n')
  for (const path of [file, join(folder, 'none.csv')]) {
    const replay = eshop('replay', path)
    expect((await replay.exited).code).toBe(2)
    expect(replay.output()).toMatch(/its first line must name InvoiceNo|cannot read/)
  }
})
