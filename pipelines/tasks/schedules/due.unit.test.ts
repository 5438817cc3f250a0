import { describe, expect, test } from 'vitest'
import { DAY, HOUR, MINUTE, SECOND } from '#pipelines/kernel/clock.ts'
import { type CatchUpPolicy, type Due, decide, jitterOf, LATE_MS, nextDue, nextDues } from './due.ts'

const at = (iso: string) => Date.parse(iso)
const iso = (times: readonly number[]) => times.map((time) => new Date(time).toISOString().replace('.000Z', 'Z'))
const cron = (expression: string, timeZone = 'UTC'): Due => ({ cron: expression, timeZone, anchorMs: 0 })
const every = (everyMs: number, anchorMs = 0): Due => ({ everyMs, anchorMs })
const from = (due: Due, start: string, count: number) => iso(nextDues(due, at(start), count))

describe('an interval', () => {
  test('is due at whole intervals after its anchor, never at the anchor itself', () => {
    expect(nextDues(every(1_000, 50), 50, 3)).toEqual([1_050, 2_050, 3_050])
    expect(nextDue(every(1_000, 50), 1_049)).toBe(1_050)
    expect(nextDue(every(1_000, 50), 1_050)).toBe(2_050)
    expect(nextDue(every(1_000, 5_000), 0)).toBe(5_000)
  })
})

describe('cron and the change of the clocks', () => {
  test('a time that is left out is due when the clocks have moved on, once', () => {
    const daily = cron('30 2 * * *', 'Europe/Berlin')
    expect(from(daily, '2026-03-28T00:00:00Z', 3)).toEqual([
      '2026-03-28T01:30:00Z',
      '2026-03-29T01:00:00Z', // 03:00, as there is no 02:30
      '2026-03-30T00:30:00Z',
    ])
    expect(from(cron('15 2 * * *', 'America/New_York'), '2026-03-07T12:00:00Z', 2)).toEqual([
      '2026-03-08T07:00:00Z',
      '2026-03-09T06:15:00Z',
    ])
  })

  test('a time that comes twice is due once, at the first', () => {
    expect(from(cron('30 2 * * *', 'Europe/Berlin'), '2026-10-24T12:00:00Z', 2)).toEqual([
      '2026-10-25T00:30:00Z',
      '2026-10-26T01:30:00Z',
    ])
    expect(from(cron('15 1 * * *', 'America/New_York'), '2026-10-31T12:00:00Z', 2)).toEqual([
      '2026-11-01T05:15:00Z',
      '2026-11-02T06:15:00Z',
    ])
  })

  test('what recurs within the hour goes on by elapsed time, both ways', () => {
    const halfHourly = cron('*/30 * * * *', 'Europe/Berlin')
    const steps = (start: string) => {
      const dues = nextDues(halfHourly, at(start), 8)
      return dues.slice(1).map((due, index) => due - (dues[index] ?? 0))
    }
    expect(new Set(steps('2026-03-29T00:10:00Z'))).toEqual(new Set([30 * MINUTE]))
    expect(new Set(steps('2026-10-24T23:40:00Z'))).toEqual(new Set([30 * MINUTE]))
  })

  test('a zone that moves by half an hour, one that moves at midnight', () => {
    expect(from(cron('30 1 * * *', 'Australia/Lord_Howe'), '2026-04-04T00:00:00Z', 2)).toEqual([
      '2026-04-04T14:30:00Z',
      '2026-04-05T15:00:00Z',
    ])
    expect(from(cron('0 0 * * *', 'America/Sao_Paulo'), '2018-11-03T12:00:00Z', 2)).toEqual([
      '2018-11-04T03:00:00Z',
      '2018-11-05T02:00:00Z',
    ])
  })

  test('every day of twenty years has one due time, in every zone tried', () => {
    for (const zone of ['Europe/Berlin', 'America/New_York', 'Australia/Sydney', 'Asia/Kolkata', 'America/St_Johns']) {
      const dues = nextDues(cron('30 2 * * *', zone), at('2015-01-01T12:00:00Z'), 7_305)
      const days = new Set(dues.map((due) => new Intl.DateTimeFormat('sv-SE', { timeZone: zone }).format(due)))
      expect(days.size, zone).toBe(7_305)
    }
  })
})

test('an expression that never comes has no due time', () => {
  expect(nextDue(cron('0 0 30 2 *'), 0)).toBeUndefined()
})

test.each([['* * *'], ['61 * * * *'], ['often']])('%s is refused', (expression) => {
  expect(() => nextDue(cron(expression), 0)).toThrow(/is no cron expression/)
})

test('a zone that does not exist is refused', () => {
  expect(() => nextDue(cron('* * * * *', 'Mars/Olympus'), 0)).toThrow(/Mars\/Olympus/)
})

describe('what is run of the due times that have come', () => {
  const policy = (catchUp: CatchUpPolicy['catchUp'], catchUpWindowMs = HOUR) => ({ catchUp, catchUpWindowMs })
  const minutely = every(MINUTE)

  test('the one that is due, whatever the policy, also when it is a little late', () => {
    for (const catchUp of ['NONE', 'LAST', 'ALL'] as const)
      for (const late of [0, 1, LATE_MS])
        expect(decide(minutely, policy(catchUp), 10 * MINUTE, 10 * MINUTE + late)).toEqual({
          fire: [10 * MINUTE],
          missed: 0,
          next: 11 * MINUTE,
        })
  })

  test('NONE passes over what was missed', () => {
    expect(decide(every(HOUR), policy('NONE'), HOUR, HOUR + LATE_MS + 1)).toEqual({
      fire: [],
      missed: 1,
      next: 2 * HOUR,
    })
    expect(decide(minutely, policy('NONE'), MINUTE, 10 * MINUTE + 1)).toEqual({
      fire: [10 * MINUTE],
      missed: 9,
      next: 11 * MINUTE,
    })
  })

  test('LAST makes up for the latest within the window', () => {
    expect(decide(minutely, policy('LAST'), MINUTE, 30 * MINUTE + 40 * SECOND)).toEqual({
      fire: [30 * MINUTE],
      missed: 29,
      next: 31 * MINUTE,
    })
    expect(decide(every(DAY), policy('LAST'), DAY, DAY + 2 * HOUR)).toEqual({ fire: [], missed: 1, next: 2 * DAY })
    expect(decide(every(DAY), policy('LAST', 3 * HOUR), DAY, DAY + 2 * HOUR)).toEqual({
      fire: [DAY],
      missed: 0,
      next: 2 * DAY,
    })
  })

  test('ALL makes up for each within the window, in their order', () => {
    expect(decide(minutely, policy('ALL', 5 * MINUTE), MINUTE, 10 * MINUTE)).toEqual({
      fire: [5, 6, 7, 8, 9, 10].map((minute) => minute * MINUTE),
      missed: 4,
      next: 11 * MINUTE,
    })
  })

  test('ALL of very many takes several goes and loses none', () => {
    const now = 1_500 * SECOND
    const fired: number[] = []
    let next: number | undefined = SECOND
    while (next !== undefined && next <= now) {
      const decided = decide(every(SECOND), policy('ALL'), next, now)
      fired.push(...decided.fire)
      next = decided.next
    }
    expect(fired).toEqual(Array.from({ length: 1_500 }, (_, index) => (index + 1) * SECOND))
  })

  test('years of missed minutes are dealt with at once', () => {
    const now = at('2026-07-01T12:00:30Z')
    const decided = decide(
      cron('* * * * *', 'Europe/Berlin'),
      policy('LAST', 300 * DAY),
      at('2024-01-01T00:00:00Z'),
      now,
    )
    expect(iso(decided.fire)).toEqual(['2026-07-01T12:00:00Z'])
    expect(decided.missed).toBeGreaterThanOrEqual(1_000)
  })
})

test('jitter is within its bound, spread, and the same wherever it is computed', () => {
  const jitters = Array.from({ length: 200 }, (_, index) => jitterOf('nightly', index * DAY, 1_000))
  expect(Math.min(...jitters)).toBeGreaterThanOrEqual(0)
  expect(Math.max(...jitters)).toBeLessThanOrEqual(1_000)
  expect(new Set(jitters).size).toBeGreaterThan(100)
  expect(jitterOf('nightly', 7 * DAY, 1_000)).toBe(jitters[7])
  expect(jitterOf('nightly', 7 * DAY, 0)).toBe(0)
})
