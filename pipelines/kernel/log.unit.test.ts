import { expect, test, vi } from 'vitest'
import { CodedError } from './errors.ts'
import { createLog } from './log.ts'

/** What a log writes while `work` runs. */
function written(work: (log: ReturnType<typeof createLog>) => void): string {
  const lines: string[] = []
  const write = vi.spyOn(process.stdout, 'write').mockImplementation((line) => lines.push(String(line)) > 0)
  try {
    work(createLog('test'))
  } finally {
    write.mockRestore()
  }
  return lines.join('')
}

test('the row that PostgreSQL repeats when it refuses one is not written: it may hold an address', () => {
  const refusal = Object.assign(new TypeError('violates check constraint "c"'), {
    code: '23514',
    detail: 'Failing row contains (1, alice, {"street": "1 Secret Lane"}).',
    where: 'COPY orders, line 1: "1 Secret Lane"',
  })
  const text = written((log) => {
    log.error({ err: refusal }, 'broke')
    log.error({ err: new CodedError('WRAPPED', 'broke', { cause: refusal }) }, 'broke')
    log.error({ err: new AggregateError([refusal], 'several') }, 'broke')
  })
  expect(text).toContain('23514')
  expect(text).toContain('violates check constraint')
  expect(text).not.toContain('Secret Lane')
})

test('secrets are blacked out by name and by shape, and the line stays JSON', () => {
  const text = written((log) =>
    log.info(
      { body: { paymentToken: 'x-1', address: { street: 'Main' } }, placedAt: 1845875277515 },
      'card 4111111111111111',
    ),
  )
  expect(text).not.toMatch(/x-1|Main|4111111111111111/)
  expect(JSON.parse(text)).toMatchObject({ placedAt: 1845875277515, msg: 'card [card]' })
})
