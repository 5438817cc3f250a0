import type { PanelAnswer } from '../../panels/panel.ts'

/** What a column holds, told by its name's ending and its type: it decides how a value is written, aligned and exported. */
export type Kind = 'money' | 'ms' | 'share' | 'bytes' | 'time' | 'order' | 'number' | 'text'

export interface Column {
  readonly name: string
  readonly index: number
  readonly kind: Kind
}

/** The type without what only matters to ClickHouse. */
export function plainType(type: string): string {
  const [, inner] = /^(?:SimpleAggregateFunction\(\w+,\s*|Nullable\(|LowCardinality\()(.*)\)$/.exec(type) ?? []
  return inner === undefined ? type : plainType(inner)
}

export function kindOf(name: string, type: string): Kind {
  const plain = plainType(type)
  if (name === 'order_id') return 'order'
  if (/^Date(Time)?/.test(plain)) return 'time'
  if (!/^(U?Int|Float|Decimal|BFloat)/.test(plain)) return 'text'
  if (name.endsWith('_minor')) return 'money'
  if (name.endsWith('_ms')) return 'ms'
  if (name.endsWith('_share')) return 'share'
  if (name.endsWith('_bytes')) return 'bytes'
  return 'number'
}

export function columnsOf(answer: Pick<PanelAnswer, 'columns'>): readonly Column[] {
  return answer.columns.map(({ name, type }, index) => ({ name, index, kind: kindOf(name, type) }))
}

export function isNumeric({ kind }: Column): boolean {
  return kind !== 'text' && kind !== 'time' && kind !== 'order'
}

/** A value as a number to draw; 64-bit integers may come as text. */
export function toNumber(value: unknown): number | null {
  if (typeof value === 'number') return value
  if (typeof value !== 'string' || value === '') return null
  const number = Number(value)
  return Number.isNaN(number) ? null : number
}

/** The row as an object by column name. */
export function recordOf(columns: readonly Column[], row: readonly unknown[]): Record<string, unknown> {
  return Object.fromEntries(columns.map(({ name, index }) => [name, row[index]]))
}
