/** Numbers as people of the browser's language write them. */
const whole = new Intl.NumberFormat(undefined, { maximumFractionDigits: 0 })
const some = new Intl.NumberFormat(undefined, { maximumFractionDigits: 2 })
const percent = new Intl.NumberFormat(undefined, { style: 'percent', maximumFractionDigits: 1 })
const share = new Intl.NumberFormat(undefined, { style: 'percent', minimumFractionDigits: 1, maximumFractionDigits: 1 })
const signedShare = new Intl.NumberFormat(undefined, {
  style: 'percent',
  minimumFractionDigits: 1,
  maximumFractionDigits: 1,
  signDisplay: 'exceptZero',
})
const points = new Intl.NumberFormat(undefined, { maximumFractionDigits: 1, signDisplay: 'exceptZero' })
const signedPercent = new Intl.NumberFormat(undefined, {
  style: 'percent',
  maximumFractionDigits: 1,
  signDisplay: 'exceptZero',
})

/** 1234567 as 1,234,567; fractions with two digits. 64-bit integers come as text and keep every digit. */
export function formatNumber(value: number | string): string {
  if (typeof value === 'string') return /^-?\d+$/.test(value) ? whole.format(BigInt(value)) : value
  return Number.isInteger(value) ? whole.format(value) : some.format(value)
}

export function formatPercent(share: number): string {
  return percent.format(share)
}

/** One below the other, so each with one digit: 5.0%, 12.5%. */
export function formatShare(value: number, signed = false): string {
  return signed ? withMinus(signedShare.format(value)) : share.format(value)
}

/** With its sign, as a change. */
export function formatChange(share: number): string {
  return withMinus(signedPercent.format(share))
}

/** The difference of two shares: +2.5 points. */
export function formatPoints(difference: number): string {
  return withMinus(`${points.format(difference * 100)} points`)
}

/** A minus as wide as the plus, as the funnel has it. */
function withMinus(text: string): string {
  return text.replace('-', '−')
}

/** 532 B, 1.2 MB: powers of ten, as disks and networks count. */
export function formatBytes(bytes: number): string {
  const units = ['B', 'kB', 'MB', 'GB', 'TB']
  let value = bytes
  let unit = 0
  for (; Math.abs(value) >= 999.5 && unit < units.length - 1; unit++) value /= 1000
  return `${unit === 0 ? whole.format(value) : some.format(Number(value.toPrecision(3)))} ${units[unit]}`
}

/** 0.4 ms, 230 ms, 1.5 s, 12 min, 3.2 h, 5.1 d. */
export function formatMs(ms: number): string {
  const steps: readonly (readonly [most: number, divisor: number, unit: string])[] = [
    [999.5, 1, 'ms'],
    [59_950, 1_000, 's'],
    [3_597_000, 60_000, 'min'],
    [86_350_000, 3_600_000, 'h'],
    [Number.POSITIVE_INFINITY, 86_400_000, 'd'],
  ]
  const [, divisor, unit] = steps.find(([most]) => Math.abs(ms) < most) ?? [0, 1, 'ms']
  const value = ms / divisor
  const digits = Math.abs(value) < 10 && !Number.isInteger(value) ? 1 : 0
  return `${new Intl.NumberFormat(undefined, { maximumFractionDigits: digits }).format(value)} ${unit}`
}
