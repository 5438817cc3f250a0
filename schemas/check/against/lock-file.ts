import { createHash } from 'node:crypto'
import { existsSync, readFileSync } from 'node:fs'
import { fingerprint } from '../avro/canonical.ts'
import { isObject, type Json, JsonSyntaxError, readJson } from '../avro/json.ts'
import { Source } from '../avro/source.ts'
import { CheckError } from '../errors.ts'
import { parseVersion, type Subject, type Uncounted } from './version.ts'

/**
 * The lock file: every version of every schema with its text as it stood, so that a check needs neither git nor a registry and can still
 * say the line of what is gone. Texts are kept once, by their SHA-256, and a text that was edited by hand is refused.
 */
export interface LockFile {
  readonly lockVersion: 1
  readonly subjects: Readonly<Record<string, LockedSubject>>
  readonly texts: Readonly<Record<string, string>>
}

export interface LockedSubject {
  readonly path: string
  /** Oldest first. */
  readonly versions: readonly LockedVersion[]
}

export interface LockedVersion {
  /** CRC-64-AVRO of the parsing canonical form: equal where the bytes are read the same way. */
  readonly fingerprint: string
  readonly origin: string
  readonly text: string
  /** Files it takes named types from: path and text. */
  readonly imports?: readonly (readonly [path: string, text: string])[]
}

const HINT = 'Write it again with `schema lock`, or restore it from git.'

/** Reads a lock file. Throws CheckError for one that is missing, broken or edited by hand. */
export function readLock(file: string, shownAs: string): LockFile {
  if (!existsSync(file))
    throw new CheckError('NO_LOCK', `there is no lock file ${shownAs}.`, { hint: 'Write it with `schema lock`.' })
  const text = readFileSync(file, 'utf8')
  const json = parse(text, shownAs)
  if (!isLock(json)) throw new CheckError('BAD_LOCK', 'is no lock file of version 1.', { path: shownAs, hint: HINT })
  for (const [id, content] of Object.entries(json.texts)) {
    if (textId(content) !== id)
      throw new CheckError('BAD_LOCK', `was edited by hand: the text ${id} is not what it was.`, {
        path: shownAs,
        hint: HINT,
      })
  }
  return json
}

function parse(text: string, shownAs: string): Json {
  try {
    return readJson(text)
  } catch (error) {
    if (!(error instanceof JsonSyntaxError)) throw error
    throw new CheckError('BAD_LOCK', `is not JSON: ${error.message}.`, {
      path: shownAs,
      ...new Source(shownAs, text).positionAt(error.offset),
      hint: /^<{7}/m.test(text) ? 'It has a merge conflict: take either side and run `schema lock`.' : HINT,
    })
  }
}

function isLock(json: Json): json is LockFile & { [key: string]: Json } {
  return isObject(json) && json.lockVersion === 1 && isObject(json.subjects) && isObject(json.texts)
}

/** The versions of a locked subject, oldest first. */
export function lockedVersions(lock: LockFile, subject: string, shownAs: string): readonly Uncounted[] {
  const locked = lock.subjects[subject]
  if (locked === undefined) return []
  return locked.versions.map(({ text, imports = [], origin }) => ({
    origin,
    source: new Source(locked.path, textOf(lock, text, shownAs)),
    imports: imports.map(([path, id]) => new Source(path, textOf(lock, id, shownAs))),
  }))
}

function textOf(lock: LockFile, id: string, shownAs: string): string {
  const text = lock.texts[id]
  if (text === undefined) throw new CheckError('BAD_LOCK', `lacks the text ${id}.`, { path: shownAs, hint: HINT })
  return text
}

/** Makes the lock file's text: sorted, one subject per block, so that two branches that change two subjects merge. */
export function lockText(
  subjects: ReadonlyMap<Pick<Subject, 'name' | 'source'>, readonly Uncounted[]>,
  pathOf: (source: Source) => string,
): string {
  const texts: Record<string, string> = {}
  const put = ({ text }: Source): string => {
    const id = textId(text)
    texts[id] = text
    return id
  }
  const lockOne = (path: string, versions: readonly Uncounted[]): LockedSubject => ({
    path,
    versions: versions.map((version) => ({
      fingerprint: fingerprintOf(version),
      origin: version.origin,
      text: put(version.source),
      ...(version.imports.length === 0
        ? {}
        : { imports: version.imports.map((source) => [pathOf(source), put(source)] as const) }),
    })),
  })
  const locked: Record<string, LockedSubject> = {}
  for (const [{ name, source }, versions] of subjects) locked[name] = lockOne(pathOf(source), versions)
  return `${JSON.stringify({ lockVersion: 1, subjects: sorted(locked), texts: sorted(texts) }, null, 2)}\n`
}

function fingerprintOf(version: Uncounted): string {
  const parsed = parseVersion(version)
  return parsed instanceof CheckError ? '' : fingerprint(parsed.root)
}

function textId(text: string): string {
  return createHash('sha256').update(text).digest('hex').slice(0, 32)
}

function sorted<T>(record: Readonly<Record<string, T>>): Readonly<Record<string, T>> {
  return Object.fromEntries(Object.entries(record).sort(([a], [b]) => (a < b ? -1 : 1)))
}
