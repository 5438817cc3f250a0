import { NotCompilable, type Writer, type WriterField } from './avro-schema.ts'

/** Why a record was refused. The words are the codes of `schemas/codec` where it has one. */
export const REFUSALS = [
  '',
  'EVENT_MALFORMED',
  'EVENT_TRUNCATED',
  'EVENT_TRAILING_BYTES',
  'EVENT_LONG_UNSAFE',
  'VALUE_OUT_OF_RANGE',
] as const
const MALFORMED = 1
const UNSAFE = 4
const RANGE = 5

/** A value's place: a column as JavaScript names it, the row, and its ClickHouse type taken apart. */
export interface Target {
  readonly column: string
  readonly row: string
  readonly shape: Shape
}

export type Shape =
  | { readonly kind: 'int' | 'long' | 'time' | 'uuid' | 'bool' | 'text' | 'choice' | 'float' | 'double' }
  | { readonly kind: 'nullable'; readonly inner: Shape }
  | { readonly kind: 'list'; readonly parts: readonly { readonly field: string; readonly shape: Shape }[] }

/** Writes the body of a decoder, statement by statement. Every value ends with `p` behind it, or breaks out of `L` with `bad` set. */
export class SourceCode {
  readonly lines: string[] = []
  /** Numbers of each enum's symbols in a dictionary, one table per enum and column. */
  readonly tables: { readonly column: string; readonly symbols: readonly string[] }[] = []
  /** Lists that are filled: how many elements they have after this record, known when it was read to its end. */
  readonly lists: { readonly column: string; readonly count: string }[] = []
  #names = 0

  add(line: string): void {
    this.lines.push(line)
  }

  name(prefix: string): string {
    return `${prefix}${this.#names++}`
  }

  /** Reads one zigzag number into `into`. */
  number(into: string): void {
    this.add(`${into} = b[p++]; if (${into} < 128) ${into} = (${into} >>> 1) ^ -(${into} & 1)`)
    this.add(
      `else { ${into} = wire.long(b, p - 1); p = wire.at; if (${into} !== ${into}) { bad = ${UNSAFE}; break L } }`,
    )
  }

  /** Reads the length of text into `v`, which then lies within the record. */
  length(): void {
    this.number('v')
    this.add(`if (v < 0 || v > e - p) { bad = ${MALFORMED}; break L }`)
  }

  store(writer: Writer, { column, row, shape }: Target): void {
    if (shape.kind === 'nullable') {
      this.#nullable(writer, { column, row, shape })
      return
    }
    switch (shape.kind) {
      case 'int':
        only(writer, 'int')
        this.number('v')
        this.add(`if (v !== (v | 0)) { bad = ${MALFORMED}; break L }`)
        this.add(`${column}.words[${row}] = v`)
        return
      case 'long':
      case 'time':
        only(writer, 'int', 'long')
        this.number('v')
        if (shape.kind === 'time') this.add(`if (!(v >= 0 && v < 7258118400000)) { bad = ${RANGE}; break L }`)
        this.add(`${column}.words[2 * ${row}] = v | 0; ${column}.words[2 * ${row} + 1] = Math.floor(v / 4294967296)`)
        return
      case 'uuid':
        only(writer, 'string')
        this.length()
        this.add(`if (v !== 36 || !wire.uuid(b, p, ${column}.words, 4 * ${row})) { bad = ${RANGE}; break L } p += 36`)
        return
      case 'bool':
        only(writer, 'boolean')
        this.add(`v = b[p++]; if (v > 1) { bad = ${MALFORMED}; break L }`)
        this.add(`${column}.bytes[${row}] = v`)
        return
      case 'float':
        only(writer, 'float')
        this.add(`${column}.words[${row}] = wire.word(b, p); p += 4`)
        return
      case 'double':
        only(writer, 'double')
        this.add(`${column}.words[2 * ${row}] = wire.word(b, p); ${column}.words[2 * ${row} + 1] = wire.word(b, p + 4)`)
        this.add('p += 8')
        return
      case 'text':
        if (writer.kind === 'enum') throw new NotCompilable('an enum read as text')
        only(writer, 'string')
        this.length()
        this.add(`${column}.push(${row}, b, p, p + v); p += v`)
        return
      case 'choice':
        this.#choice(writer, column, row)
        return
      case 'list':
        this.#list(writer, column, row, shape.parts)
        return
    }
  }

  /** Past a value that nobody stores. */
  skip(writer: Writer): void {
    switch (writer.kind) {
      case 'null':
        return
      case 'boolean':
        this.add('p++')
        return
      case 'float':
        this.add('p += 4')
        return
      case 'double':
        this.add('p += 8')
        return
      case 'fixed':
        this.add(`p += ${writer.size}`)
        return
      case 'int':
      case 'long':
        this.add('while (b[p++] > 127);')
        return
      case 'enum':
        this.number('v')
        this.add(`if (v < 0 || v >= ${writer.symbols.length}) { bad = ${MALFORMED}; break L }`)
        return
      case 'string':
      case 'bytes':
        this.length()
        this.add('p += v')
        return
      case 'record':
        for (const { type } of writer.fields) this.skip(type)
        return
      case 'union':
        this.#branches(writer.branches, (branch) => this.skip(branch))
        return
      case 'array':
      case 'map':
        this.#blocks(
          () => {},
          () => {
            if (writer.kind === 'map') this.skip({ kind: 'string' })
            this.skip(writer.items)
          },
        )
        return
    }
  }

  #nullable(writer: Writer, { column, row, shape }: Target) {
    if (shape.kind !== 'nullable') return
    const inner = { column: `${column}.inner`, row, shape: shape.inner }
    const some = (branch: Writer) => {
      this.add(`${column}.nulls.bytes[${row}] = 0`)
      this.store(branch, inner)
    }
    if (writer.kind !== 'union') {
      some(writer)
      return
    }
    this.#branches(writer.branches, (branch) => {
      if (branch.kind !== 'null') {
        some(branch)
        return
      }
      this.add(`${column}.nulls.bytes[${row}] = 1`)
      this.nothing(inner)
    })
  }

  /** The default value: 0, '', NULL, []. */
  nothing({ column, row, shape }: Target): void {
    switch (shape.kind) {
      case 'int':
      case 'float':
        this.add(`${column}.words[${row}] = 0`)
        return
      case 'long':
      case 'time':
      case 'double':
        this.add(`${column}.words[2 * ${row}] = ${column}.words[2 * ${row} + 1] = 0`)
        return
      case 'uuid':
        this.add(`${column}.words.fill(0, 4 * ${row}, 4 * ${row} + 4)`)
        return
      case 'bool':
        this.add(`${column}.bytes[${row}] = 0`)
        return
      case 'text':
        this.add(`${column}.push(${row}, b, 0, 0)`)
        return
      case 'choice':
        this.add(`${column}.ids[${row}] = 0`)
        return
      case 'nullable':
        this.add(`${column}.nulls.bytes[${row}] = 1`)
        this.nothing({ column: `${column}.inner`, row, shape: shape.inner })
        return
      case 'list':
        this.add(`${column}.ends.words[2 * ${row}] = ${column}.elements; ${column}.ends.words[2 * ${row} + 1] = 0`)
        return
    }
  }

  #choice(writer: Writer, column: string, row: string) {
    if (writer.kind === 'union') {
      this.#branches(writer.branches, (branch) => {
        if (branch.kind === 'null') this.add(`${column}.ids[${row}] = 0`)
        else this.#choice(branch, column, row)
      })
      return
    }
    if (writer.kind === 'enum') {
      const table = `tables[${this.tables.push({ column, symbols: writer.symbols }) - 1}]`
      this.number('v')
      this.add(`if (v < 0 || v >= ${writer.symbols.length}) { bad = ${MALFORMED}; break L }`)
      this.add(`${column}.ids[${row}] = ${table}[v]`)
      return
    }
    only(writer, 'string')
    this.length()
    this.add(`${column}.ids[${row}] = ${column}.dictionary.id(b, p, v); p += v`)
  }

  #list(writer: Writer, column: string, row: string, parts: readonly { field: string; shape: Shape }[]) {
    if (writer.kind !== 'array' || writer.items.kind !== 'record')
      throw new NotCompilable('a list of other than records')
    const { fields } = writer.items
    const n = this.name('n')
    this.lists.push({ column, count: n })
    this.add(`${n} = ${column}.elements`)
    this.#blocks(
      () => this.add(`${column}.reserveElements(${n} + k)`),
      () => {
        this.fields(fields, (name) => {
          const at = parts.findIndex(({ field }) => field === name)
          const part = parts[at]
          return part && { column: `${column}.parts[${at}].column`, row: n, shape: part.shape }
        })
        for (const [at, { field, shape }] of parts.entries())
          if (!fields.some(({ name }) => name === field))
            this.nothing({ column: `${column}.parts[${at}].column`, row: n, shape })
        this.add(`${n}++`)
      },
    )
    this.add(`${column}.ends.words[2 * ${row}] = ${n}; ${column}.ends.words[2 * ${row} + 1] = 0`)
  }

  /** A record's fields in the writer's order, each stored where `targetOf` says or passed over. */
  fields(fields: readonly WriterField[], targetOf: (name: string) => Target | undefined): void {
    for (const { name, type } of fields) {
      const target = targetOf(name)
      if (target) this.store(type, target)
      else this.skip(type)
    }
  }

  #branches(branches: readonly Writer[], each: (branch: Writer) => void) {
    const which = this.name('u')
    this.add(`let ${which}`)
    this.number(which)
    for (const [i, branch] of branches.entries()) {
      this.add(`${i === 0 ? '' : 'else '}if (${which} === ${i}) {`)
      each(branch)
      this.add('}')
    }
    this.add(`else { bad = ${MALFORMED}; break L }`)
  }

  /** Blocks of an array or map. `k` is the number of items of the block that begins. */
  #blocks(begin: () => void, each: () => void) {
    const left = this.name('k')
    this.add('for (;;) {')
    this.number('k')
    this.add('if (k === 0) break')
    this.add('if (k < 0) { k = -k')
    this.number('v')
    this.add('}')
    // Each item takes a byte at least: a count beyond the record's end is a lie, and must not make us reserve memory for it.
    this.add(`if (k > e - p) { bad = ${MALFORMED}; break L }`)
    begin()
    this.add(`for (let ${left} = k; ${left} > 0; ${left}--) {`)
    each()
    this.add(`if (p > e) { bad = ${MALFORMED}; break L }`)
    this.add('} }')
  }
}

function only(writer: Writer, ...kinds: readonly Writer['kind'][]): void {
  if (!kinds.includes(writer.kind)) throw new NotCompilable(`${writer.kind} where ${kinds.join(' or ')} is stored`)
}
