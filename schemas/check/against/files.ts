import { readdirSync, readFileSync, statSync } from 'node:fs'
import { isAbsolute, join, relative, resolve, sep } from 'node:path'
import { definedNames, linkAll } from '../avro/link.ts'
import { Source } from '../avro/source.ts'
import { BadUsage } from '../errors.ts'
import { subjectName } from './subject-name.ts'
import type { Subject } from './version.ts'

const SKIPPED = new Set(['node_modules', 'target', 'dist', 'build'])

/** Every .avsc file under the given paths, sorted. Throws BadUsage for a path that does not exist or holds none. */
export function schemaFiles(paths: readonly string[], cwd: string): readonly string[] {
  const found = new Set<string>()
  for (const path of paths) {
    const before = found.size
    collect(resolve(cwd, path), found, true)
    if (found.size === before && paths.length === 1)
      throw new BadUsage('NO_SCHEMAS', `no .avsc file is in ${path}.`, { hint: 'Name a folder or a file that is one.' })
  }
  return [...found].sort()
}

function collect(path: string, found: Set<string>, named: boolean): void {
  const stats = statSync(path, { throwIfNoEntry: false })
  if (stats === undefined) throw new BadUsage('NO_SUCH_PATH', `there is no file or folder ${path}.`)
  if (stats.isFile()) {
    if (named || path.endsWith('.avsc')) found.add(path)
    return
  }
  for (const entry of readdirSync(path, { withFileTypes: true })) {
    if (entry.name.startsWith('.') || SKIPPED.has(entry.name)) continue
    const below = join(path, entry.name)
    if (entry.isDirectory() || entry.isSymbolicLink()) collect(below, found, false)
    else if (entry.name.endsWith('.avsc')) found.add(below)
  }
}

/** A path for people and reports: relative to the working folder, with forward slashes. */
export function shown(path: string, cwd: string): string {
  const short = isAbsolute(path) ? relative(cwd, path) : path
  return short.split(sep).join('/')
}

export function readSource(file: string, cwd: string): Source {
  return new Source(shown(file, cwd), readFileSync(file, 'utf8'))
}

export function readSources(paths: readonly string[], cwd: string): readonly Source[] {
  return schemaFiles(paths, cwd).map((file) => readSource(file, cwd))
}

/** Reads and parses what is checked. All broken files are told at once. */
export function readSubjects(paths: readonly string[], template: string, cwd: string): readonly Subject[] {
  const sources = readSources(paths, cwd)
  return subjectsOf(sources, sources, template)
}

/**
 * Parses what is checked.
 * @param all every file that types may be taken from
 */
export function subjectsOf(checked: readonly Source[], all: readonly Source[], template: string): readonly Subject[] {
  const linked = linkAll(checked, all)
  const subjects: Subject[] = []
  for (const [source, { parsed, imports }] of linked) {
    subjects.push({ name: subjectName(template, parsed.root, source.path), source, parsed, imports })
  }
  refuseTwins(subjects)
  return subjects
}

/**
 * The changed files, and every other that takes a type from one of them: it may have changed with it. A file takes a type when it mentions its
 * full name, or its short name without defining a type of that name itself.
 */
export function touched(all: readonly Source[], changed: ReadonlySet<string>): readonly Source[] {
  const names = new Set(all.filter(({ path }) => changed.has(path)).flatMap((source) => [...definedNames(source)]))
  const takers = [...names].map(takesType)
  return all.filter(({ path, text }) => changed.has(path) || takers.some((takes) => takes(text)))
}

function takesType(fullName: string): (text: string) => boolean {
  const short = fullName.slice(fullName.lastIndexOf('.') + 1)
  const definition = new RegExp(`"name"\\s*:\\s*"(?:[^"]*\\.)?${short}"`)
  return (text) => {
    if (short !== fullName && text.includes(`"${fullName}"`)) return true
    return text.includes(`"${short}"`) && !definition.test(text)
  }
}

function refuseTwins(subjects: readonly Subject[]): void {
  const seen = new Map<string, Subject>()
  for (const subject of subjects) {
    const twin = seen.get(subject.name)
    if (twin !== undefined)
      throw subject.source.error(
        'DUPLICATE_NAME',
        `${subject.name} is already the name of ${twin.source.path}.`,
        '/name',
        'Rename one; or, where topics share a record, set "subject": "{folder}-{fullName}" in the config.',
      )
    seen.set(subject.name, subject)
  }
}
