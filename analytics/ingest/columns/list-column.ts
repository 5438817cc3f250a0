import { Column, WordColumn } from './column.ts'
import type { Out } from './out.ts'

export interface Part {
  readonly name: string
  readonly column: Column
}

/** Arrays of tuples: where each array ends, counted in elements, then each part of the elements as a column. */
export class ListColumn extends Column {
  readonly type: string
  readonly parts: readonly Part[]
  /** UInt64 each. */
  readonly ends: WordColumn = new WordColumn('UInt64', 2)
  /** Elements of all rows. */
  elements = 0

  constructor(parts: readonly Part[]) {
    super()
    this.parts = parts
    this.type = `Array(Tuple(${parts.map(({ name, column }) => `${name} ${column.type}`).join(', ')}))`
  }

  reserve(rows: number): void {
    this.ends.rows = this.rows
    this.ends.reserve(rows)
  }

  /** Room for so many elements in all. Text makes room for itself as it comes. */
  reserveElements(total: number): void {
    for (const { column } of this.parts) column.reserve(total, 0)
  }

  fill(rows: number): void {
    this.reserve(rows)
    for (; this.rows < rows; this.rows++) this.close(this.rows, this.elements)
  }

  /** The array of a row ends here. */
  close(row: number, elements: number): void {
    this.ends.words[2 * row] = elements
    this.ends.words[2 * row + 1] = 0
    this.elements = elements
  }

  /** Of a row: its first element. */
  startOf(row: number): number {
    return row === 0 ? 0 : (this.ends.words[2 * row - 2] as number)
  }

  override prefix(out: Out): void {
    for (const { column } of this.parts) column.prefix(out)
  }

  values(out: Out): void {
    this.ends.rows = this.rows
    this.ends.values(out)
    for (const { column } of this.parts) {
      column.rows = this.elements
      column.values(out)
    }
  }

  get size(): number {
    return this.parts.reduce((sum, { column }) => sum + column.size, this.rows * 8)
  }

  override clear(): void {
    super.clear()
    this.elements = 0
    for (const { column } of this.parts) column.clear()
  }
}
