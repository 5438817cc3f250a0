import { expect, test } from 'vitest'
import { type GroupLook, judgeGroup } from './group-lag.ts'

const look = (committed: number, end: number, members = 1): GroupLook => ({
  group: 'catalog',
  members,
  partitions: [{ topic: 'paid-orders', partition: 2, committed, end }],
})

test('a group that has read all, or gets on, is well', () => {
  expect(judgeGroup(undefined, look(7, 7))).toMatchObject({ ok: true, detail: '0 records behind' })
  expect(judgeGroup(look(5, 9), look(6, 12))).toMatchObject({ ok: true, detail: '6 records behind' })
  // It had nothing to do at the first look.
  expect(judgeGroup(look(9, 9), look(9, 10))).toMatchObject({ ok: true })
})

test('lag without progress names the partition', () => {
  expect(judgeGroup(look(5, 9), look(5, 12))).toMatchObject({
    ok: false,
    detail: '7 records behind, without progress in paid-orders/2',
  })
})

test('lag that nobody reads says so', () => {
  expect(judgeGroup(look(5, 9, 0), look(5, 9, 0))).toMatchObject({
    ok: false,
    detail: '4 records behind, and nobody reads',
  })
  expect(judgeGroup(undefined, look(9, 9, 0))).toMatchObject({ ok: true })
})

test('a position ahead of the topic is found, and so is a great lag', () => {
  expect(judgeGroup(undefined, look(500, 3))).toMatchObject({
    ok: false,
    detail: expect.stringContaining('ahead of the end of paid-orders/2'),
  })
  expect(judgeGroup(look(0, 20_000), look(10, 20_000))).toMatchObject({ ok: false, detail: '19990 records behind' })
})
