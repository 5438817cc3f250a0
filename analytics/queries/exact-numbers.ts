/** Decimal digits that a double holds whatever they are. */
const SAFE_DIGITS = 15

/**
 * A reviver for `JSON.parse`: a number that a double would change stays text, as ClickHouse's 64-bit integers and decimals can have more
 * digits than one holds. Floats stay numbers: they are written with the digits that give them back.
 */
export function exactNumbers(_key: string, value: unknown, context?: { readonly source?: string }): unknown {
  const source = context?.source
  if (typeof value !== 'number' || source === undefined || String(value) === source || /e/i.test(source)) return value
  const digits = source.replace(/\D/g, '').replace(/^0+/, '')
  return digits.length <= SAFE_DIGITS ? value : source
}
