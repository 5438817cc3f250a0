import { Linker } from '../avro/link.ts'
import type { ParsedSchema } from '../avro/parse.ts'
import type { Source } from '../avro/source.ts'
import { BadSchema } from '../errors.ts'

/** A version of a schema as somebody had it once, with the files it takes named types from. */
export interface Version {
  /** `v3`: counted from 1 among what the history holds of this subject. */
  readonly label: string
  /** Where it is from, for people: `a1b2c3d 2026-11-02`, `registry version 7`. */
  readonly origin: string
  readonly source: Source
  readonly imports: readonly Source[]
  /** Where somebody parsed it already, leniently. */
  readonly parsed?: ParsedSchema
}

/** A schema that is checked. */
export interface Subject {
  readonly name: string
  readonly source: Source
  readonly parsed: ParsedSchema
  readonly imports: readonly Source[]
}

/** A schema that is in the history and no longer among what is checked. */
export interface Gone {
  readonly name: string
  readonly version: Version
}

export interface History {
  /** For people: `git:main (a1b2c3d)`. */
  readonly where: string
  /** Versions of each checked schema, oldest first; none for a new one. */
  readonly versions: ReadonlyMap<Subject, readonly Version[]>
  readonly gone: readonly Gone[]
  /** Something about the whole that people should know: that nothing was found where much was looked for. */
  readonly note?: string
}

/** Something that remembers older versions. */
export interface Against {
  /**
   * @param needsAll whether any subject's mode looks further back than the latest version
   * @param others paths of files that are there and not checked: they are not gone
   */
  load(subjects: readonly Subject[], needsAll: boolean, others?: readonly string[]): Promise<History>
  /** Which of the files differ from the ref. Only git can tell without reading them. */
  readonly changed?: (paths: readonly string[]) => Promise<ReadonlySet<string>>
}

/** A version that has not been counted yet. */
export type Uncounted = Omit<Version, 'label'>

/** Leaves out what only repeats an earlier version in other words, and counts. The last given stays last. */
export function counted(versions: readonly Uncounted[]): readonly Version[] {
  const byContent = new Map<string, Uncounted>()
  const last = versions.at(-1)
  for (const version of versions) {
    const content = contentOf(version)
    if (!byContent.has(content)) byContent.set(content, version)
    else if (version === last) {
      const first = byContent.get(content)
      byContent.delete(content) // reverted to: it is the latest again
      if (first !== undefined) byContent.set(content, first)
    }
  }
  return [...byContent.values()].map((version, index) => ({ ...version, label: `v${index + 1}` }))
}

/** Equal for versions that differ in nothing but layout. */
export function contentOf({ source, imports }: Pick<Version, 'source' | 'imports'>): string {
  return [source, ...imports].map(textOf).join('\n')
}

/** Whether two say the same. Mostly it is the very same text, which needs no reading. */
export function isSame(a: Pick<Version, 'source' | 'imports'>, b: Pick<Version, 'source' | 'imports'>): boolean {
  const [left, right] = [
    [a.source, ...a.imports],
    [b.source, ...b.imports],
  ]
  const isVery = left.length === right.length && left.every((source, index) => source.text === right[index]?.text)
  return isVery || contentOf(a) === contentOf(b)
}

function textOf(source: Source): string {
  try {
    return source.content
  } catch (error) {
    if (error instanceof BadSchema) return source.text
    throw error
  }
}

/** Parses a version leniently: what an older parser let pass may have been written with. */
export function parseVersion({
  source,
  imports,
  parsed,
}: Pick<Version, 'source' | 'imports' | 'parsed'>): ParsedSchema | BadSchema {
  if (parsed !== undefined) return parsed
  const linked = new Linker([...imports, source], { validateDefaults: false }).tryLink(source)
  return linked instanceof BadSchema ? linked : linked.parsed
}
