import { PassThrough } from 'node:stream'
import { stripVTControlCharacters } from 'node:util'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import type { Fault } from './plan.ts'
import { openShow } from './show.ts'

const FAULT: Fault = { atMs: 3_000, kind: 'freeze', victim: 'clickhouse', forMs: 5_000 }
const FARE = { arrived: 120, accepted: 100, refused: 12, unanswered: 8, checkoutMs: [12, 250], asked: 31 }
const WHY = 'stuck: order 01a20cb4-d37f-71dd-9516-81193850cd52 has been StockConfirmed for 45 seconds and more'

let written: string
function streamOf(isTTY: boolean, columns?: number): NodeJS.WriteStream {
  written = ''
  const stream = new PassThrough()
  stream.on('data', (bytes: Buffer) => {
    written += bytes
  })
  return Object.assign(stream, { isTTY, columns }) as unknown as NodeJS.WriteStream
}
beforeEach(() => void vi.stubEnv('CI', ''))
afterEach(() => void vi.unstubAllEnvs())

function play(stream: NodeJS.WriteStream) {
  let at = 0
  const show = openShow(stream, () => {
    at += 11_000 // plain lines come every ten seconds
    return at
  })
  show.fare(FARE)
  show.began(FAULT)
  show.done({ fault: FAULT, backAfterMs: 1_200, note: '1 process' })
  show.judging(3, WHY)
  show.end()
}

test.each([80, 120])(
  'on a terminal of %d columns no line is longer, and what is drawn last says how the customers fared',
  (columns) => {
    play(streamOf(true, columns))
    const lines = stripVTControlCharacters(written).split('\n')
    expect(Math.max(...lines.map(({ length }) => length))).toBeLessThan(columns)
    const shown = lines.join('\n')
    expect(shown).toContain('customers 120: accepted 100, refused 12, no answer 8')
    expect(shown).toContain('checkout p50 12 ms, p99 250 ms; asked to come again (503) 31')
    expect(shown).toMatch(/what +whom +for +how it is/)
    expect(shown).toMatch(/freeze +clickhouse +for 5.0 s +back after 1.2 s \(1 process\)/)
    expect(shown).not.toContain('settling')
  },
)

test('off a terminal a line for each thing, whole, and nothing that moves or colours', () => {
  play(streamOf(false))
  expect(written).toBe(stripVTControlCharacters(written))
  expect(written).toContain(`settling: 3 open, such as ${WHY}`)
  expect(written.split('\n').filter((line) => line.includes('freeze'))).toHaveLength(2)
})
