import { Ajv } from 'ajv'
import formats from 'ajv-formats'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { instantOf } from './instants.ts'

test.each([
  ['2026-01-31T09:30:00Z', '2026-01-31T09:30:00.000Z'],
  ['2026-01-31t09:30:00.25+01:00', '2026-01-31T08:30:00.250Z'],
  ['2026-01-31 09:30:00-0130', '2026-01-31T11:00:00.000Z'],
  ['2016-12-31T23:59:60Z', '2016-12-31T23:59:59.000Z'],
  ['2017-01-01T00:59:60.5+01:00', '2016-12-31T23:59:59.500Z'],
  ['2026-01-31T09:30:00+02', '2026-01-31T07:30:00.000Z'],
  ['0000-12-31T23:59:59Z', '0001-01-01T00:00:00.000Z'],
  ['0114-10-29T13:17:52-17:46', '0114-10-30T07:03:52.000Z'],
  ['9999-12-31T23:59:59-17:00', '9999-12-31T23:59:59.999Z'],
])('%s is %s', (text, iso) => {
  expect(instantOf(text).toISOString()).toBe(iso)
})

test('what is no instant is the fault of who sent it', () => {
  expect(() => instantOf('yesterday')).toThrow(expect.objectContaining({ status: 400, code: 'TIME_INVALID' }))
})

test('whatever the schema takes is an instant of the years 1 to 9999', () => {
  const ajv = new Ajv()
  formats.default(ajv)
  const isTaken = ajv.compile({ type: 'string', format: 'date-time' })
  const two = (max: number) => fc.integer({ min: 0, max }).map((number) => String(number).padStart(2, '0'))
  const text = fc
    .tuple(
      fc.integer({ min: 0, max: 9999 }).map((year) => String(year).padStart(4, '0')),
      ...[two(12), two(31), two(23), two(59), two(60)],
      fc.constantFrom('T', 't', ' '),
      fc.constantFrom('', '.5', '.123456789'),
      fc.oneof(
        fc.constantFrom('Z', 'z'),
        fc.tuple(fc.constantFrom('+', '-'), two(23), fc.constantFrom('', ':'), two(60)).map((parts) => parts.join('')),
        two(23).map((hours) => `+${hours}`),
      ),
    )
    .map(
      ([year, month, day, hour, minute, second, t, part, zone]) =>
        `${year}-${month}-${day}${t}${hour}:${minute}:${second}${part}${zone}`,
    )
  let taken = 0
  fc.assert(
    fc.property(text, (one) => {
      if (!isTaken(one)) return
      taken += 1
      const year = instantOf(one).getUTCFullYear()
      expect(year).toBeGreaterThanOrEqual(1)
      expect(year).toBeLessThanOrEqual(9999)
    }),
    { numRuns: 20_000 },
  )
  expect(taken).toBeGreaterThan(1_000)
})
