import type { Column } from './column.ts'
import type { Out } from './out.ts'

export interface NamedColumn {
  readonly name: string
  readonly column: Column
}

/** Adds a block of ClickHouse's Native format: columns of equal length, each with its name and type. */
export function writeBlock(out: Out, columns: readonly NamedColumn[], rows: number): void {
  if (rows === 0) return
  out.varint(columns.length)
  out.varint(rows)
  for (const { name, column } of columns) {
    out.text(name)
    out.text(column.type)
    column.prefix(out)
    column.values(out)
  }
}
