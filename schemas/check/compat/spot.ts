import type { Field } from '../avro/schema.ts'

/** One branch of one union. Nothing but an identity, as primitives are shared and so have none. */
export type Branch = object

/**
 * Where a comparison of two schemas is. Spots are linked upwards and put into words only when something is found, as most comparisons
 * find nothing.
 */
export class Spot {
  readonly #above: Spot | undefined
  /** A token of the location; `FIELD` for the field itself; `ANEW` where Java starts a new location. */
  readonly #token: string
  readonly #part: string
  /** The innermost field around the place, of the reader (or the new schema) and of the writer (or the old one). */
  readonly readerField: Field | undefined
  readonly writerField: Field | undefined
  /** The branch of a union that the place is, on either side. */
  readonly readerBranch: Branch | undefined
  readonly writerBranch: Branch | undefined

  constructor(
    above?: Spot,
    token = '',
    part = '',
    readerField?: Field,
    writerField?: Field,
    readerBranch?: Branch,
    writerBranch?: Branch,
  ) {
    this.#above = above
    this.#token = token
    this.#part = part
    this.readerField = readerField
    this.writerField = writerField
    this.readerBranch = readerBranch
    this.writerBranch = writerBranch
  }

  /** One step into a field of a record. */
  inField(readerField: Field, writerField?: Field): Spot {
    return new Spot(this, FIELD, '', readerField, writerField)
  }

  /** One step into anything else. `part` is what it adds to the dotted path: `[]` for items, `{}` for values. */
  inside(token: string, part = ''): Spot {
    return new Spot(this, token, part, this.readerField, this.writerField)
  }

  /** One step into a branch of the writer's union; the reader is still whole. */
  inBranch(token: string, writerBranch: Branch): Spot {
    return new Spot(this, token, '', this.readerField, this.writerField, this.readerBranch, writerBranch)
  }

  /** One step into a branch of either side, from which Java tells a new location: the reader is a union. */
  anew(readerBranch = this.readerBranch, writerBranch = this.writerBranch): Spot {
    return new Spot(this, ANEW, '', this.readerField, this.writerField, readerBranch, writerBranch)
  }

  /** Java's JSON pointer: `/fields/1/type/items`. */
  get location(): string {
    return this.#location() || '/'
  }

  #location(): string {
    if (this.#token === ANEW || this.#above === undefined) return ''
    const above = this.#above.#location()
    return this.#token === FIELD ? `${above}/fields/${this.readerField?.index}` : `${above}/${this.#token}`
  }

  /** Dotted names from the root record: `items[].price`. */
  get path(): string {
    if (this.#above === undefined) return ''
    const above = this.#above.path
    if (this.#token !== FIELD) return above + this.#part
    return above === '' ? `${this.readerField?.name}` : `${above}.${this.readerField?.name}`
  }
}

const FIELD = '(field)'
const ANEW = '(anew)'
