import { UsageError } from './errors.ts'

/** An amount as REST shows it: a decimal string with exactly the digits of its currency. */
export interface MoneyText {
  readonly amount: string
  readonly currency: string
}

/** Exponents of ISO 4217 that are not 2. */
const EXPONENTS: Readonly<Record<string, number>> = {
  BIF: 0,
  CLP: 0,
  DJF: 0,
  GNF: 0,
  ISK: 0,
  JPY: 0,
  KMF: 0,
  KRW: 0,
  PYG: 0,
  RWF: 0,
  UGX: 0,
  UYI: 0,
  VND: 0,
  VUV: 0,
  XAF: 0,
  XOF: 0,
  XPF: 0,
  BHD: 3,
  IQD: 3,
  JOD: 3,
  KWD: 3,
  LYD: 3,
  OMR: 3,
  TND: 3,
  CLF: 4,
  UYW: 4,
}

/** How many decimal digits a currency has (ISO 4217). */
export function exponentOf(currency: string): number {
  return EXPONENTS[currency] ?? 2
}

/** 1299 EUR becomes "12.99", 500 JPY becomes "500". */
export function formatMinor(minor: number, currency: string): string {
  const exponent = exponentOf(currency)
  if (exponent === 0) return String(minor)
  const digits = String(Math.abs(minor)).padStart(exponent + 1, '0')
  return `${minor < 0 ? '-' : ''}${digits.slice(0, -exponent)}.${digits.slice(-exponent)}`
}

export function toMoney(minor: number, currency: string): MoneyText {
  return { amount: formatMinor(minor, currency), currency }
}

/**
 * Reads a decimal string into minor units. More digits than the currency has, signs, exponents and amounts beyond 2^53 are refused.
 * @throws UsageError `MONEY_INVALID`
 */
export function parseMinor(amount: string, currency: string): number {
  const exponent = exponentOf(currency)
  const match = /^(\d{1,15})(?:\.(\d+))?$/.exec(amount)
  const fraction = match?.[2] ?? ''
  if (!match || fraction.length > exponent) {
    throw new UsageError(
      'MONEY_INVALID',
      `"${amount}" is not an amount in ${currency}: write digits with at most ${exponent} decimals`,
    )
  }
  const minor = Number(`${match[1]}${fraction.padEnd(exponent, '0')}`)
  if (!Number.isSafeInteger(minor)) throw new UsageError('MONEY_INVALID', `"${amount}" ${currency} is too large`)
  return minor
}
