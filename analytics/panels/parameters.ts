import type { Parameter } from './panel.ts'

/** What the page gives to every panel that names it. Times are UTC, `step` is the width of a time slot in seconds. */
export const GIVEN: Readonly<Record<string, string>> = {
  from: 'DateTime64(3)',
  to: 'DateTime64(3)',
  step: 'UInt32',
  timezone: 'String',
  /** What Kafka holds: four arrays with one element per partition. `end` is the offset that the next record will get. */
  kafka_topic: 'Array(String)',
  kafka_partition: 'Array(Int32)',
  kafka_first: 'Array(Int64)',
  kafka_end: 'Array(Int64)',
}

const PARAMETER = /\{\s*([A-Za-z_]\w*)\s*:\s*([^{}]+?)\s*\}/g
const BUCKET = /\$bucket\(\s*([A-Za-z_][\w.]*)\s*\)/g

/** The parameters `{name:Type}` of a statement, each once, in the order of the text. What stands in text literals or comments is none. */
export function parametersOf(sql: string): readonly Parameter[] {
  const found = new Map<string, Parameter>()
  for (const [, name = '', type = ''] of withoutTexts(sql).matchAll(PARAMETER))
    if (!found.has(name)) found.set(name, { name, type })
  return [...found.values()]
}

function withoutTexts(sql: string): string {
  return sql.replace(/--[^\n]*|\/\*[\s\S]*?\*\/|'(?:[^'\\]|\\.|'')*'/g, ' ')
}

/**
 * `$bucket(column)` is the beginning of the time slot that the column lies in: `{step}` seconds wide; from an hour on aligned to the days of `{timezone}`,
 * as ClickHouse aligns hours to local days and seconds to 1970. It is fixed text around a column's name: no value gets into the SQL.
 */
export function writeOutBuckets(sql: string): string {
  return sql.replace(
    BUCKET,
    (_match, column: string) =>
      `if({step:UInt32} < 3600, toStartOfInterval(${column}, toIntervalSecond({step:UInt32}), {timezone:String}), ` +
      `toStartOfInterval(${column}, toIntervalHour(greatest(1, intDiv({step:UInt32}, 3600))), {timezone:String}))`,
  )
}
