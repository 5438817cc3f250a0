import fc from 'fast-check'
import { expect, test } from 'vitest'
import { exponentOf, formatMinor, parseMinor } from './money.ts'

const currency = fc.constantFrom('EUR', 'USD', 'JPY', 'KWD', 'CLF')
const minor = fc.integer({ min: 0, max: Number.MAX_SAFE_INTEGER })

test('what is formatted is parsed back to the same minor units', () => {
  fc.assert(
    fc.property(minor, currency, (amount, code) => {
      fc.pre(String(amount).length - exponentOf(code) <= 15)
      expect(parseMinor(formatMinor(amount, code), code)).toBe(amount)
    }),
  )
})

test('a formatted amount has exactly the digits of its currency', () => {
  expect(formatMinor(1299, 'EUR')).toBe('12.99')
  expect(formatMinor(5, 'EUR')).toBe('0.05')
  expect(formatMinor(-5, 'EUR')).toBe('-0.05')
  expect(formatMinor(500, 'JPY')).toBe('500')
  expect(formatMinor(1, 'KWD')).toBe('0.001')
})

test.each(['12.999', '-1', '1e3', '', ' 1', '1.', '.5', '1,5', '٣', '9'.repeat(16), 'NaN', '0x10'])(
  '"%s" is no amount in EUR',
  (text) => {
    expect(() => parseMinor(text, 'EUR')).toThrow(/amount|large/)
  },
)

test('yen have no decimals', () => {
  expect(parseMinor('500', 'JPY')).toBe(500)
  expect(() => parseMinor('500.0', 'JPY')).toThrow(/at most 0 decimals/)
})
