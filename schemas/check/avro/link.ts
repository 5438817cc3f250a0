import { BadSchema, type CheckError, throwCollected } from '../errors.ts'
import { canonicalForm } from './canonical.ts'
import { isArray, isObject, type Json } from './json.ts'
import { fullNameOf } from './names.ts'
import { type ParsedSchema, type ParseOptions, parseSchema, tryParse } from './parse.ts'
import type { NamedSchema } from './schema.ts'
import type { Source } from './source.ts'

/** A schema with the files it takes named types from, in an order in which each needs only the ones before it. */
export interface LinkedSchema {
  readonly parsed: ParsedSchema
  readonly imports: readonly Source[]
}

/**
 * Parses files that may use each other's named types. Every broken file is told, not only the first. Throws BadSchema, or ManyErrors, for
 * what is not Avro, a name nobody defines, a name that several files define differently, and a cycle of files.
 * @param all every file that types may be taken from, these among them
 */
export function linkAll(sources: readonly Source[], all: readonly Source[]): ReadonlyMap<Source, LinkedSchema> {
  const linker = new Linker(all)
  const linked = new Map<Source, LinkedSchema>()
  const errors: CheckError[] = []
  for (const source of sources) {
    const result = linker.tryLink(source)
    if (result instanceof BadSchema) errors.push(result)
    else linked.set(source, result)
  }
  throwCollected(errors)
  return linked
}

/** Parses files on demand, each once. */
export class Linker {
  readonly #sources: readonly Source[]
  readonly #options: ParseOptions
  readonly #done = new Map<Source, LinkedSchema | BadSchema>()
  readonly #under: Source[] = []
  #definers: ReadonlyMap<string, readonly Source[]> | undefined

  constructor(sources: readonly Source[], options: ParseOptions = {}) {
    this.#sources = sources
    this.#options = options
  }

  tryLink(source: Source): LinkedSchema | BadSchema {
    const known = this.#done.get(source)
    if (known !== undefined) return known
    const alone = tryParse(source, this.#options)
    const result =
      alone instanceof BadSchema && alone.code === 'UNKNOWN_NAME'
        ? this.#withImports(source)
        : alone instanceof BadSchema
          ? alone
          : { parsed: alone as ParsedSchema, imports: [] }
    this.#done.set(source, result)
    return result
  }

  #withImports(source: Source): LinkedSchema | BadSchema {
    const imports = new Set<Source>()
    this.#under.push(source)
    try {
      const imported = (fullName: string) => this.#find(fullName, source, imports)
      return { parsed: parseSchema(source, { ...this.#options, imported }), imports: [...imports] }
    } catch (error) {
      if (error instanceof BadSchema) return error
      throw error
    } finally {
      this.#under.pop()
    }
  }

  #find(fullName: string, asker: Source, imports: Set<Source>): NamedSchema | undefined {
    this.#definers ??= definersOf(this.#sources)
    const definers = (this.#definers.get(fullName) ?? []).filter((source) => source !== asker)
    const cycle = definers.find((source) => this.#under.includes(source))
    if (cycle !== undefined) this.#failCycle(cycle, asker)
    const found = definers.map((source) => [source, this.#linked(source)] as const)
    const [first] = found
    if (first === undefined) return undefined
    const schema = first[1].parsed.named.get(fullName)
    for (const [source, other] of found) {
      const again = other.parsed.named.get(fullName)
      if (schema === undefined || again === undefined || canonicalForm(again) === canonicalForm(schema)) continue
      throw new BadSchema(
        'DUPLICATE_NAME',
        `${fullName} is defined differently in ${first[0].path} and ${source.path}.`,
        {
          path: asker.path,
          hint: 'Rename one, or define it in this file.',
        },
      )
    }
    for (const each of [...first[1].imports, first[0]]) imports.add(each)
    return schema
  }

  #linked(source: Source): LinkedSchema {
    const linked = this.tryLink(source)
    if (linked instanceof BadSchema) throw linked
    return linked
  }

  #failCycle(source: Source, asker: Source): never {
    const chain = [...this.#under.slice(this.#under.indexOf(source)), source].map(({ path }) => path)
    throw new BadSchema('FILE_CYCLE', `files need each other's types in a cycle: ${chain.join(' -> ')}.`, {
      path: asker.path,
      hint: 'Move the shared type into a file of its own, or put both types into one file.',
    })
  }
}

function definersOf(sources: readonly Source[]): ReadonlyMap<string, readonly Source[]> {
  const definers = new Map<string, Source[]>()
  for (const source of sources) {
    for (const name of definedNames(source)) definers.set(name, [...(definers.get(name) ?? []), source])
  }
  return definers
}

/** The full names that a file defines, found without parsing it as Avro. */
export function definedNames(source: Source): ReadonlySet<string> {
  const names = new Set<string>()
  function visit(json: Json | undefined, namespace: string): void {
    if (isArray(json)) for (const branch of json) visit(branch, namespace)
    if (!isObject(json)) return
    let space = namespace
    const { name, type } = json
    if (typeof name === 'string' && typeof type === 'string' && NAMED.has(type)) {
      const own = fullNameOf(name, typeof json.namespace === 'string' ? json.namespace : namespace)
      names.add(own.fullName)
      space = own.namespace
    }
    visit(json.items, space)
    visit(json.values, space)
    if (isArray(json.fields)) for (const field of json.fields) if (isObject(field)) visit(field.type, space)
  }
  try {
    visit(source.json(), '')
  } catch (error) {
    if (!(error instanceof BadSchema)) throw error // told when the file itself is parsed
  }
  return names
}

const NAMED = new Set(['record', 'error', 'enum', 'fixed'])
