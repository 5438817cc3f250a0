import fc from 'fast-check'
import { expect, test } from 'vitest'
import { holdsCardNumber, scrub } from './redaction.ts'

/** How issued numbers begin, with how many digits follow before the check digit. */
const BEGINNINGS = [
  ['4', [14, 17]],
  ['51', [13]],
  ['2221', [11]],
  ['34', [12]],
  ['37', [12]],
  ['36', [11, 16]],
  ['3528', [11, 14]],
  ['6011', [11, 14]],
  ['62', [13, 16]],
  ['5018', [11, 14]],
  ['8172', [11]],
  ['9792', [11]],
  ['1', [13]],
] as const

const cardNumber = fc.constantFrom(...BEGINNINGS).chain(([beginning, lengths]) =>
  fc
    .constantFrom<number>(...lengths)
    .chain((length) => fc.array(fc.integer({ min: 0, max: 9 }), { minLength: length, maxLength: length }))
    .map((digits) => withCheckDigit([...beginning].map(Number).concat(digits))),
)

/** The digits with the one that makes the Luhn sum right. */
function withCheckDigit(digits: readonly number[]): string {
  const sum = [...digits, 0]
    .reverse()
    .reduce((total, digit, place) => total + (place % 2 === 0 ? digit : digit > 4 ? digit * 2 - 9 : digit * 2), 0)
  return [...digits, (10 - (sum % 10)) % 10].join('')
}
const separator = fc.constantFrom('', ' ', '-')
const around = fc.constantFrom('', 'card: ', '{"number":"', 'x=', '\n', '(')

test('every card number is found and blacked out, spaced, dashed, or inside other text', () => {
  fc.assert(
    fc.property(cardNumber, separator, around, (number, between, before) => {
      const text = `${before}${number.replace(/\d{4}(?=\d)/g, `$&${between}`)}"`
      expect(holdsCardNumber(text)).toBe(true)
      expect(scrub(text)).not.toContain(number)
      expect(holdsCardNumber(scrub(text))).toBe(false)
    }),
  )
})

test('ids, times, amounts and phone numbers are no card numbers', () => {
  for (const text of [
    '019a1b2c-3d4e-7f50-8a9b-0c1d2e3f4a5b',
    '2026-11-22T18:30:59.471Z',
    '1763836259471',
    '12.99',
    '4111111111111112',
    'a4111111111111111b',
  ]) {
    expect(holdsCardNumber(text)).toBe(false)
    expect(scrub(text)).toBe(text)
  }
})

test('article numbers (EAN, UPC, GTIN) are no card numbers, also those with a right Luhn sum: a sku may be one', () => {
  const withGtinCheck = (digits: readonly number[]) => {
    const sum = digits.reduce((total, digit, place) => total + digit * (place % 2 === 0 ? 1 : 3), 0)
    return [...digits, (10 - (sum % 10)) % 10].join('')
  }
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 0, max: 9 }), { minLength: 12, maxLength: 12 }), (digits) => {
      expect(holdsCardNumber(withGtinCheck(digits))).toBe(false)
    }),
    { numRuns: 2_000 },
  )
  expect(holdsCardNumber('4006381333931')).toBe(false) // GTIN: right
  expect(holdsCardNumber('4000000000105')).toBe(false) // Luhn and GTIN: right
  expect(holdsCardNumber('4222222222222')).toBe(true) // a Visa test number: only Luhn is right
})

test('times since 1970 in milli-, micro- and nanoseconds are no card numbers: `date +%s%N` makes an idempotency key', () => {
  const from = Date.UTC(2020, 0, 1)
  fc.assert(
    fc.property(
      fc.integer({ min: from, max: Date.UTC(2033, 0, 1) }),
      fc.constantFrom('', '123', '123456'),
      (ms, finer) => {
        const text = `idempotency-key\n${ms}${finer}`
        expect(holdsCardNumber(text)).toBe(false)
        expect(scrub(text)).toBe(text)
      },
    ),
  )
})

test('payment tokens, access tokens and passwords in URLs are blacked out', () => {
  expect(scrub('paid with tok_visa')).toBe('paid with [payment-token]')
  expect(scrub('Bearer eyJhbGciOiJF.eyJzdWIi.c2ln')).toBe('Bearer [access-token]')
  expect(scrub('postgres://shop:hunter2@127.0.0.1/x')).toBe('postgres://shop:[secret]@127.0.0.1/x')
})

test('a line of JSON stays one when a bare number in it is blacked out', () => {
  fc.assert(
    fc.property(cardNumber, (number) => {
      const line = `{"a":${number},"b":[${number},1],"c":{"d":${number}},"e":"${number}"}`
      expect(holdsCardNumber(scrub(line))).toBe(false)
      expect(() => JSON.parse(scrub(line))).not.toThrow()
    }),
  )
})
