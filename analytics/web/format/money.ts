import { exponentOf } from '../../../pipelines/kernel/money.ts'

/** Minor units as a decimal number in plain digits: 12990 EUR is 129.90, 500 JPY is 500. Exact for any 64-bit amount. */
export function decimalOf(minor: number | string, currency: string): string {
  const exponent = exponentOf(currency)
  const text = typeof minor === 'number' ? Math.round(minor).toFixed(0) : minor
  const negative = text.startsWith('-')
  const digits = text.replace('-', '').padStart(exponent + 1, '0')
  const cut = digits.length - exponent
  return `${negative ? '-' : ''}${digits.slice(0, cut)}${exponent > 0 ? `.${digits.slice(cut)}` : ''}`
}

/** Minor units as people write an amount of the currency: €129.90, ¥500. Amounts without a known currency stay digits. */
export function formatMoney(minor: number | string, currency: string): string {
  const decimal = decimalOf(minor, currency)
  if (!/^[A-Z]{3}$/.test(currency)) return decimal
  const digits = exponentOf(currency)
  const format = new Intl.NumberFormat(undefined, {
    style: 'currency',
    currency,
    minimumFractionDigits: digits,
    maximumFractionDigits: digits,
  })
  // A decimal string keeps every digit; the type knows it only from ES2023 on.
  return format.format(decimal as unknown as number)
}
