import { CodedError } from '#pipelines/kernel/errors.ts'
import type { AnsweredQuestion } from '../queries/question.ts'
import type { Reduce, Rule } from './rule.ts'

const NUMBER = /^(Nullable\()?(U?Int|Float|Decimal|BFloat)/

/**
 * The one number of an answer; undefined when it holds none.
 * @throws CodedError `ALERT_COLUMN_UNKNOWN`
 */
export function numberOf(
  { columns, rows }: AnsweredQuestion,
  { column, reduce }: Pick<Rule, 'column' | 'reduce'>,
): number | undefined {
  if (reduce === 'rows') return rows.length
  const at = indexOf(columns, column)
  if (at < 0) {
    const names = columns.map(({ name }) => name).join(', ')
    throw new CodedError('ALERT_COLUMN_UNKNOWN', `the panel has no ${column ?? 'column of numbers'}: it has ${names}`)
  }
  const values = rows
    .map((row) => row[at])
    .filter((value) => value !== null && value !== '')
    .map(Number)
    .filter(Number.isFinite)
  return values.length === 0 ? undefined : reduced(reduce, values)
}

/** The column that the number comes of; undefined when rows are counted. */
export function columnOf(
  { columns }: Pick<AnsweredQuestion, 'columns'>,
  { column, reduce }: Pick<Rule, 'column' | 'reduce'>,
): string | undefined {
  return reduce === 'rows' ? undefined : columns[indexOf(columns, column)]?.name
}

function indexOf(columns: AnsweredQuestion['columns'], column: string | undefined): number {
  return column === undefined
    ? columns.findLastIndex(({ type }) => NUMBER.test(type))
    : columns.findIndex(({ name }) => name === column)
}

function reduced(reduce: Exclude<Reduce, 'rows'>, values: readonly number[]): number | undefined {
  const sum = values.reduce((total, value) => total + value, 0)
  switch (reduce) {
    case 'max':
      return values.reduce((a, b) => Math.max(a, b))
    case 'min':
      return values.reduce((a, b) => Math.min(a, b))
    case 'sum':
      return sum
    case 'avg':
      return sum / values.length
    case 'first':
      return values[0]
    case 'last':
      return values.at(-1)
  }
}
