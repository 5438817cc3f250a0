import fc from 'fast-check'
import { expect, test } from 'vitest'
import { holdsCardNumber, scrub } from './redaction.ts'

/** Digits with the check digit that makes the Luhn sum right. With a 1 in front it may be a time. */
const cardNumber = fc
  .array(fc.integer({ min: 0, max: 9 }), { minLength: 12, maxLength: 18 })
  .filter(([first]) => first !== 1)
  .map((digits) => {
    const sum = [...digits, 0]
      .reverse()
      .reduce((total, digit, place) => total + (place % 2 === 0 ? digit : digit > 4 ? digit * 2 - 9 : digit * 2), 0)
    return [...digits, (10 - (sum % 10)) % 10].join('')
  })
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
