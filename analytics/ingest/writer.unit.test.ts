import { ClickHouseError } from '@clickhouse/client'
import { expect, it } from 'vitest'
import { refusesData } from './writer.ts'

const refusal = (code: string, type: string) => new ClickHouseError({ message: type, code, type })

it.each([
  ['38', 'CANNOT_PARSE_DATE'],
  ['117', 'INCORRECT_DATA'],
  ['349', 'CANNOT_INSERT_NULL_IN_ORDINARY_COLUMN'],
])('puts rows aside that ClickHouse refuses for their values: %s %s', (code, type) => {
  expect(refusesData(refusal(code, type))).toBe(true)
})

it.each([
  ['32', 'ATTEMPT_TO_READ_AFTER_EOF'],
  ['33', 'CANNOT_READ_ALL_DATA'],
  ['60', 'UNKNOWN_TABLE'],
  ['159', 'TIMEOUT_EXCEEDED'],
  ['202', 'TOO_MANY_SIMULTANEOUS_QUERIES'],
  ['210', 'NETWORK_ERROR'],
  ['241', 'MEMORY_LIMIT_EXCEEDED'],
  ['242', 'TABLE_IS_READ_ONLY'],
  ['243', 'NOT_ENOUGH_SPACE'],
  ['252', 'TOO_MANY_PARTS'],
])('repeats what may pass by itself: %s %s', (code, type) => {
  expect(refusesData(refusal(code, type))).toBe(false)
})

it('repeats what the network says', () => {
  expect(refusesData(Object.assign(new Error('socket hang up'), { code: 'ECONNRESET' }))).toBe(false)
})
