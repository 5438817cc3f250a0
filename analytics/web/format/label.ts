/** Columns whose values are words of the shop, written in capitals or in one word. */
const WORDS = /(^|_)(status|state|outcome|reason|from)$/

/** How a value of a column is shown: INSUFFICIENT_FUNDS as Insufficient funds, AwaitingValidation as Awaiting validation. Names stay as they are. */
export function labelOf(column: string, value: unknown): string {
  const text = value === null || value === undefined || value === '' ? '–' : String(value)
  if (!WORDS.test(column)) return text
  if (/^[A-Z][A-Z_]+$/.test(text)) return capital(text.toLowerCase().replaceAll('_', ' '))
  if (/^([A-Z][a-z]+){2,}$/.test(text)) return capital(text.replace(/(?!^)([A-Z])/g, ' $1').toLowerCase())
  return text
}

/** The heading of a column: revenue_minor as Revenue, p50_ms as p50, order_id as Order. */
export function headingOf(column: string): string {
  const text = column.replace(/_(minor|ms|share|bytes|at|id)$/, '').replaceAll('_', ' ')
  return /^p\d+$/.test(text) ? text : capital(text)
}

function capital(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1)
}
