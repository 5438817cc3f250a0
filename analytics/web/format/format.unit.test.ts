import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { exponentOf, formatMinor } from '#pipelines/kernel/money.ts'
import { headingOf, headingsOf, labelOf } from './label.ts'
import { decimalOf, formatMoney } from './money.ts'
import { formatBytes, formatMs, formatNumber } from './number.ts'
import { formatCell } from './value.ts'

describe('amounts', () => {
  it('have the digits of their currency', () => {
    expect(formatMoney(12_990, 'EUR')).toBe('€129.90')
    expect(formatMoney(500, 'JPY')).toBe('¥500')
    expect(formatMoney(1_234_567, 'KWD').replace(/\s/g, ' ')).toBe('KWD 1,234.567')
    expect(formatMoney(-5, 'EUR')).toBe('-€0.05')
    expect(formatMoney(5, '')).toBe('0.05')
  })

  it('keep every digit of a 64-bit number', () => {
    expect(formatMoney('9223372036854775807', 'EUR')).toBe('€92,233,720,368,547,758.07')
  })

  it('are the decimals that REST gives', () => {
    fc.assert(
      fc.property(fc.maxSafeInteger(), fc.constantFrom('EUR', 'JPY', 'KWD', 'CLF'), (minor, currency) => {
        expect(decimalOf(minor, currency)).toBe(formatMinor(minor, currency))
        expect(Number(decimalOf(String(minor), currency)) * 10 ** exponentOf(currency)).toBeCloseTo(minor, -3)
      }),
    )
  })
})

it.each([
  [0.4, '0.4 ms'],
  [230, '230 ms'],
  [999.6, '1 s'],
  [1_500, '1.5 s'],
  [59_990, '1 min'],
  [720_000, '12 min'],
  [3 * 86_400_000, '3 d'],
])('%d ms is %s', (ms, text) => expect(formatMs(ms)).toBe(text))

it('numbers and bytes are short and exact where it matters', () => {
  expect(formatNumber('18446744073709551615')).toBe('18,446,744,073,709,551,615')
  expect(formatNumber(1 / 3)).toBe('0.33')
  expect([formatBytes(0), formatBytes(999), formatBytes(1_234_567), formatBytes(999_999)]).toEqual([
    '0 B',
    '999 B',
    '1.23 MB',
    '1 MB',
  ])
})

it('words of the shop are written for people, names are left alone', () => {
  expect(labelOf('reason', 'INSUFFICIENT_FUNDS')).toBe('Insufficient funds')
  expect(labelOf('status', 'AwaitingValidation')).toBe('Awaiting validation')
  expect(labelOf('brand', 'PayPal')).toBe('PayPal')
  expect(labelOf('reason', '')).toBe('–')
  expect(['revenue_minor', 'p50_ms', 'order_id', 'units_per_order'].map(headingOf)).toEqual([
    'Revenue',
    'p50',
    'Order',
    'Units per order',
  ])
  expect(headingsOf(['product', 'in_kafka', 'product_id'])).toEqual(['Product', 'In Kafka', 'Product id'])
  expect(headingsOf(['order_id', 'sku'])).toEqual(['Order', 'SKU'])
})

it('shares in a column have the same digits, and a change has its sign', () => {
  const cell = (name: string, value: number) => formatCell({ name, kind: 'share' }, value, '')
  expect([0.05, 0.123, 1].map((value) => cell('paid_share', value))).toEqual(['5.0%', '12.3%', '100.0%'])
  expect([0.05, -0.031, 0].map((value) => cell('change_share', value))).toEqual(['+5.0%', '−3.1%', '0.0%'])
})
