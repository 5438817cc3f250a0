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

/** Names that are written in their own way. */
const NAMES: Readonly<Record<string, string>> = { kafka: 'Kafka', clickhouse: 'ClickHouse', sku: 'SKU' }

/** The heading of a column: revenue_minor as Revenue, p50_ms as p50, order_id as Order. */
export function headingOf(column: string): string {
  return written(column.replace(/_(minor|ms|share|bytes|at|id)$/, ''))
}

/** The headings of a table: where two columns would have the same one, an id says that it is one. */
export function headingsOf(columns: readonly string[]): readonly string[] {
  const plain = columns.map(headingOf)
  return columns.map((column, index) => {
    const heading = plain[index] ?? ''
    const twice = plain.filter((one) => one === heading).length > 1
    return twice && column.endsWith('_id') ? written(column) : heading
  })
}

function written(column: string): string {
  const text = column
    .split('_')
    .map((word) => NAMES[word] ?? word)
    .join(' ')
  return /^p\d+$/.test(text) ? text : capital(text)
}

function capital(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1)
}
