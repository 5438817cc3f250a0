import { definedNames, linkAll } from '../avro/link.ts'
import type { Source } from '../avro/source.ts'
import { throwCollected } from '../errors.ts'
import { type LeaveOut, readSource, schemaFiles } from './schema-files.ts'
import { subjectName } from './subject-name.ts'
import type { Subject } from './version.ts'

export function readSources(paths: readonly string[], cwd: string, leaveOut?: LeaveOut): readonly Source[] {
  return schemaFiles(paths, cwd, leaveOut).map((file) => readSource(file, cwd))
}

/** Reads and parses what is checked. All broken files are told at once. */
export function readSubjects(
  paths: readonly string[],
  template: string,
  cwd: string,
  leaveOut?: LeaveOut,
): readonly Subject[] {
  const sources = readSources(paths, cwd, leaveOut)
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

/** Subjects have to differ, as histories are found by them. All twins are told at once. */
function refuseTwins(subjects: readonly Subject[]): void {
  const seen = new Map<string, Subject>()
  const errors = subjects.flatMap((subject) => {
    const twin = seen.get(subject.name)
    if (twin === undefined) seen.set(subject.name, subject)
    return twin === undefined ? [] : [twinOf(subject, twin)]
  })
  throwCollected(errors)
}

function twinOf({ name, source }: Subject, twin: Subject) {
  return source.error(
    'DUPLICATE_NAME',
    `${name} is already the name of ${twin.source.path}.`,
    '/name',
    'Rename one; or, where topics share a record, set "subject": "{folder}-{fullName}" in the config.',
  )
}
