import { ChoiceColumn } from './choice-column.ts'
import { ByteColumn, type Column, NullableColumn, TextColumn, WordColumn } from './column.ts'
import { Dictionary } from './dictionary.ts'
import { ListColumn } from './list-column.ts'

/** Dictionaries by name: columns that are written from each other share one. */
export class Dictionaries {
  readonly #all = new Map<string, Dictionary>()

  of(name: string, nullable: boolean): Dictionary {
    const key = nullable ? `${name}?` : name
    let found = this.#all.get(key)
    if (!found) {
      found = new Dictionary(nullable)
      this.#all.set(key, found)
    }
    return found
  }

  trim(most: number): void {
    for (const dictionary of this.#all.values()) dictionary.trim(most)
  }
}

const WORDS: Readonly<Record<string, 1 | 2 | 4>> = {
  Int32: 1,
  Int64: 2,
  UInt64: 2,
  Float32: 1,
  Float64: 2,
  UUID: 4,
  "DateTime64(3, 'UTC')": 2,
}

/** An empty column of a ClickHouse type, as far as events and orders use them. */
export function makeColumn(type: string, dictionary: string, dictionaries: Dictionaries): Column {
  const width = WORDS[type]
  if (width !== undefined) return new WordColumn(type, width)
  if (type === 'String') return new TextColumn()
  if (type === 'Bool' || type === 'UInt8') return new ByteColumn(type)
  if (type === 'LowCardinality(String)') return new ChoiceColumn(dictionaries.of(dictionary, false))
  if (type === 'LowCardinality(Nullable(String))') return new ChoiceColumn(dictionaries.of(dictionary, true))
  const [, outer, inner] = /^(Nullable|Array)\((.*)\)$/.exec(type) ?? []
  if (outer === 'Nullable' && inner !== undefined)
    return new NullableColumn(makeColumn(inner, dictionary, dictionaries))
  const [, tuple] = /^Tuple\((.*)\)$/.exec(inner ?? '') ?? []
  if (tuple === undefined) throw new TypeError(`no column for the type ${type}`)
  return new ListColumn(
    partsOf(tuple).map(({ name, type: own }) => ({
      name,
      column: makeColumn(own, `${dictionary}.${name}`, dictionaries),
    })),
  )
}

/** `a Int32, b Tuple(c String)` as names and types. */
export function partsOf(tuple: string): { name: string; type: string }[] {
  const parts: string[] = []
  let depth = 0
  let from = 0
  for (let i = 0; i <= tuple.length; i++) {
    const sign = tuple[i]
    if (sign === '(') depth++
    else if (sign === ')') depth--
    else if ((sign === ',' && depth === 0) || sign === undefined) {
      parts.push(tuple.slice(from, i).trim())
      from = i + 1
    }
  }
  return parts.map((part) => {
    const space = part.indexOf(' ')
    return { name: part.slice(0, space), type: part.slice(space + 1) }
  })
}
