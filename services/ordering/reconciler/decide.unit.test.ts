import { describe, expect, test } from 'vitest'
import { PATIENT } from '../testing/patience.ts'
import { decide, type LateOrder } from './decide.ts'
import { nextRedriveMs } from './settings.ts'

const NOW = Date.UTC(2026, 10, 24)
const settings = PATIENT

function late(over: Partial<LateOrder> = {}): LateOrder {
  return {
    orderId: 'o',
    status: 'AwaitingValidation',
    version: 3,
    since: NOW - 120_000,
    isGraceConfirmed: true,
    redrives: 0,
    lastRedriveAt: null,
    nextRedriveAt: null,
    now: NOW,
    ...over,
  }
}
const READ = { readSince: NOW - 60_000, isHeard: true }

describe('a late order', () => {
  test.each(['AwaitingValidation', 'StockConfirmed'] as const)(
    '%s: is asked again, read and unanswered, and then cancelled',
    (status) => {
      for (let redrives = 0; redrives < settings.timeoutRedrives; redrives++)
        expect(decide(late({ status, redrives }), READ, settings)).toEqual({ act: 'redrive', why: 'NO_ANSWER' })
      const asked = late({ status, redrives: settings.timeoutRedrives })
      expect(decide(asked, READ, settings)).toEqual({ act: 'cancel', why: 'NO_ANSWER' })
    },
  )

  test('Submitted is confirmed again for ever, and never cancelled', () => {
    for (const redrives of [0, 5, 500])
      expect(decide(late({ status: 'Submitted', redrives }), READ, settings).act).toBe('redrive')
  })

  test('Submitted that the task has not come to waits for it', () => {
    const order = late({ status: 'Submitted', isGraceConfirmed: false })
    expect(decide(order, READ, settings)).toEqual({ act: 'wait', why: 'GRACE_TASK_SILENT' })
  })

  test('what nobody has read is neither asked again nor cancelled, however long it takes', () => {
    for (const redrives of [0, 5, 500])
      expect(decide(late({ redrives, since: 0 }), { readSince: undefined, isHeard: false }, settings)).toEqual({
        act: 'wait',
        why: 'NOT_READ',
      })
  })

  test('is not judged by answers that ordering itself has not read', () => {
    const order = late({ redrives: 5 })
    expect(decide(order, { ...READ, isHeard: false }, settings)).toEqual({ act: 'wait', why: 'ANSWER_NOT_READ' })
  })

  test('leaves the others time to answer what they have just read', () => {
    expect(decide(late({ redrives: 5 }), { ...READ, readSince: NOW - 1_000 }, settings).act).toBe('wait')
  })

  test('is not asked again before it is time', () => {
    expect(decide(late({ redrives: 1, nextRedriveAt: NOW + 1 }), READ, settings).act).toBe('wait')
    expect(decide(late({ redrives: 1, nextRedriveAt: NOW }), READ, settings).act).toBe('redrive')
  })
})

test('the waits double up to the cap', () => {
  expect([1, 2, 3, 4, 50].map((redrives) => nextRedriveMs(redrives, settings) / 1_000)).toEqual([
    120, 240, 480, 600, 600,
  ])
})
