import { createHash } from 'node:crypto'
import { existsSync, realpathSync, statSync } from 'node:fs'
import { dirname, isAbsolute, relative, resolve, sep } from 'node:path'
import { normalize } from 'node:path/posix'
import { tryParse } from '../avro/parse.ts'
import { isNamed } from '../avro/schema.ts'
import { Source } from '../avro/source.ts'
import { CheckError } from '../errors.ts'
import { Git } from './git.ts'
import { missingRef, refuseForeign } from './git-borders.ts'
import { importedVersions } from './git-imports.ts'
import { type Commit, isBlob, LOG_FORMAT, parseLog, parseRaw } from './git-log.ts'
import { isOneSchema, rootOf, withTrueRenames } from './git-renames.ts'
import { type Held, lineages, wasDeleted } from './lineage.ts'
import { subjectName } from './subject-name.ts'
import {
  type Against,
  counted,
  type Gone,
  type History,
  type Subject,
  type Uncounted,
  type Version,
} from './version.ts'

export interface GitOptions {
  readonly ref: string
  readonly cwd: string
  /** What is checked; the first says which repository. */
  readonly paths: readonly string[]
  readonly subject: string
  readonly history: 'all' | 'first-parent'
}

/** Raw records with whole ids, renames found. */
const RAW = ['--raw', '-z', '--no-abbrev', '-M'] as const
const LENIENT = { validateDefaults: false } as const

/** The mode of a symbolic link, whose content is a path. */
const LINK = '120000'

/** What `normalize` leaves as it is. */
const PLAIN_PATH = /^(?:(?!\.\.?\/)[^/]+\/)*[^/]+\.avsc$/

/** All schema files of the repository: a rename is only seen when both its ends are looked at. */
const SCHEMAS = ':(top,glob)**/*.avsc'

/** The versions that files had in git up to a ref, renames followed. Five git processes, however many files and commits. */
export function againstGit(options: GitOptions): Against {
  const history = new GitHistory(options)
  return {
    load: (subjects, needsAll, others = []) => history.load(subjects, needsAll, others),
    changed: (paths) => history.changed(paths),
  }
}

/** What git said about the ref. */
interface Read {
  readonly commit: string
  /** Path of the repository's top, from which git names files. */
  readonly top: string
  readonly isShallow: boolean
  readonly commits: readonly Commit[]
  /** Blob of every schema file in the ref, by path. */
  readonly tree: ReadonlyMap<string, string>
  /** Name in the ref of files that were renamed since. */
  readonly renamed: ReadonlyMap<string, string>
  /** Files that differ from the ref in the working tree. */
  readonly differing: ReadonlySet<string>
}

class GitHistory {
  readonly #options: GitOptions
  readonly #git: Git
  /** Git works while the files are read and parsed. */
  readonly #reading: Promise<Read>
  /** The working folder as seen from the top of the repository. */
  #prefix: string | undefined

  constructor(options: GitOptions) {
    this.#options = options
    this.#git = new Git(folderOf(resolve(options.cwd, options.paths[0] ?? '.')))
    this.#reading = this.#read()
    this.#reading.catch(() => {}) // told when somebody loads
  }

  async changed(paths: readonly string[]): Promise<ReadonlySet<string>> {
    const { top, tree, differing } = await this.#reading
    return new Set(
      paths.filter((path) => {
        const name = this.#gitPath(path, top)
        return !tree.has(name) || differing.has(name)
      }),
    )
  }

  async load(subjects: readonly Subject[], needsAll: boolean, others: readonly string[]): Promise<History> {
    const read = await this.#reading
    if (read.isShallow && needsAll) throw shallow()
    const nameInRef = new Map<string, Subject>()
    const unknown: Subject[] = []
    for (const subject of subjects) {
      const path = this.#gitPath(subject.source.path, read.top)
      if (read.tree.has(path)) nameInRef.set(path, subject)
      else {
        const { cwd } = this.#options
        const file = realpathSync(resolve(cwd, subject.source.path))
        const target = relative(read.top, file).split(sep).join('/')
        refuseForeign(read.top, file, subject.source.path, cwd)
        if (read.tree.has(target))
          nameInRef.set(target, subject) // reached by a link, which has no history itself
        else unknown.push(subject)
      }
    }
    const there = new Set(others.map((path) => this.#gitPath(path, read.top)))
    const left = await this.#left(read, (path) => nameInRef.has(path) || there.has(path))
    const moved = unknown.length === 0 ? new Map<string, Source>() : await this.#movedFrom(read)
    const free = new Map([...moved, ...left])
    this.#adopt(unknown, free, nameInRef)
    this.#follow(unknown, free, read, nameInRef)
    this.#takeBack(unknown, read, nameInRef)
    const versions = await this.#versions(read, nameInRef)
    return {
      where: `git:${this.#options.ref} (${read.commit.slice(0, 7)})`,
      versions,
      gone: this.#gone(left, nameInRef, read),
    }
  }

  async #read(): Promise<Read> {
    const { ref, history: wanted } = this.#options
    const follow = wanted === 'first-parent' ? ['--first-parent'] : []
    const log = ['log', ...follow, '--topo-order', '--diff-merges=first-parent', ...RAW, LOG_FORMAT, ref, '--', SCHEMAS]
    const asked = [
      ['rev-parse', '--show-toplevel', '--is-shallow-repository', `${ref}^{commit}`],
      log,
      ['ls-tree', '-r', '-z', '--full-tree', ref],
      ['diff', ...RAW, ref, '--', SCHEMAS],
    ].map((parameters) => this.#git.text(...parameters))
    await Promise.allSettled(asked) // where the ref is missing all fail, and the first says why
    const place = await (asked[0] as Promise<string>).catch((error) => this.#explain(error))
    const [, history = '', tree = '', diff = ''] = await Promise.all(asked)
    const [top = '', isShallow, commit = ''] = place.split('\n')
    const changes = parseRaw(diff)
    const renamed = changes.filter(({ status }) => status === 'R')
    return {
      commit,
      top,
      isShallow: isShallow === 'true',
      commits: await withTrueRenames(this.#git, parseLog(history)),
      tree: treeOf(tree),
      differing: new Set(changes.map(({ path }) => path)),
      renamed: new Map(renamed.map(({ path, from }) => [path, from])),
    }
  }

  async #explain(error: unknown): Promise<never> {
    const { ref, paths } = this.#options
    if (!(error instanceof CheckError) || error.code !== 'GIT') throw error
    throw await missingRef(this.#git, ref, paths[0] ?? '.', error)
  }

  /** A file's name as git has it: from the top of the repository. */
  #gitPath(path: string, top: string): string {
    this.#prefix ??= relative(top, realpathSync(this.#options.cwd)).split(sep).join('/')
    if (this.#prefix === '' && PLAIN_PATH.test(path)) return path
    const name = normalize(`${this.#prefix}/${path}`).replace(/^\//, '').replace(/\/$/, '')
    if (!isAbsolute(path) && !name.startsWith('..')) return name === '.' ? '' : name
    return relative(top, realpathSync(resolve(this.#options.cwd, path)))
      .split(sep)
      .join('/')
  }

  /** Files of the ref that are gone from the working tree, wherever they were: one of them may have moved to where it is checked. */
  #movedFrom({ tree, top, differing }: Read): Promise<ReadonlyMap<string, Source>> {
    return this.#sources(
      [...tree].filter(([path]) => differing.has(path) && !existsSync(resolve(top, path))),
      top,
    )
  }

  /** Files of the ref under the checked paths that nobody has yet, with their contents. */
  async #left(read: Read, isTaken: (path: string) => boolean): Promise<ReadonlyMap<string, Source>> {
    const roots = this.#options.paths.map((path) => this.#gitPath(path, read.top))
    const inside = (path: string) => roots.some((root) => root === '' || path === root || path.startsWith(`${root}/`))
    return this.#sources(
      [...read.tree].filter(([path]) => inside(path) && !isTaken(path)),
      read.top,
    )
  }

  async #sources(
    files: readonly (readonly [path: string, blob: string])[],
    top: string,
  ): Promise<ReadonlyMap<string, Source>> {
    const contents = await this.#git.blobs(files.map(([, blob]) => blob))
    return new Map(
      files.map(([path, blob]) => [path, new Source(this.#shownPath(path, top), contents.get(blob) ?? '')]),
    )
  }

  /** A new file continues one that is gone when it has its name: a rename that git does not know of yet. */
  #adopt(unknown: readonly Subject[], left: ReadonlyMap<string, Source>, nameInRef: Map<string, Subject>): void {
    const byName = new Map([...left].map(([path, source]) => [rootName(source), path]))
    for (const subject of unknown) {
      const { root } = subject.parsed
      if (!isNamed(root)) continue
      const path = [root.fullName, ...root.aliases].map((name) => byName.get(name)).find((found) => found !== undefined)
      if (path !== undefined && !nameInRef.has(path)) nameInRef.set(path, subject)
    }
  }

  /** What git takes for a rename that is not committed yet, where the names do not speak against it. */
  #follow(
    unknown: readonly Subject[],
    free: ReadonlyMap<string, Source>,
    { renamed, top }: Read,
    nameInRef: Map<string, Subject>,
  ): void {
    const taken = new Set(nameInRef.values())
    for (const subject of unknown) {
      const from = renamed.get(this.#gitPath(subject.source.path, top)) ?? ''
      const before = free.get(from)
      if (before === undefined || taken.has(subject) || nameInRef.has(from)) continue
      if (isOneSchema(rootOf(before), subject.parsed.root)) nameInRef.set(from, subject)
    }
  }

  /** A new file where one was deleted is that one again: data written with it may still be there. */
  #takeBack(unknown: readonly Subject[], { commits, top }: Read, nameInRef: Map<string, Subject>): void {
    const taken = new Set(nameInRef.values())
    for (const subject of unknown) {
      const path = this.#gitPath(subject.source.path, top)
      if (!taken.has(subject) && wasDeleted(commits, path)) nameInRef.set(path, subject)
    }
  }

  async #versions(read: Read, nameInRef: ReadonlyMap<string, Subject>) {
    const held = lineages(read.commits, nameInRef)
    const wanted = new Map<Subject, readonly Held[]>()
    for (const [path, subject] of nameInRef) {
      const all = held.get(subject) ?? []
      const blob = read.tree.get(path)
      if (blob === undefined) {
        wanted.set(subject, all)
        continue
      }
      const latest = { blob, path, commit: { id: read.commit, day: '', changes: [] } }
      const newest = all.findLast(({ blob }) => blob === latest.blob)
      wanted.set(subject, [...all.filter((each) => each !== newest), newest ?? latest])
    }
    const versions = new Map<Subject, readonly Version[]>()
    const changed = [...wanted].filter(([subject, all]) => {
      const [only] = all
      if (
        all.length !== 1 ||
        only === undefined ||
        subject.imports.length > 0 ||
        only.blob !== blobId(subject.source.text)
      )
        return true
      versions.set(subject, [{ label: 'v1', origin: originOf(only.commit), source: subject.source, imports: [] }])
      return false
    })
    const contents = await this.#git.blobs([...new Set(changed.flatMap(([, all]) => all.map(({ blob }) => blob)))])
    const importing: Subject[] = []
    for (const [subject, all] of changed) {
      const plain = all.map((each) => this.#version(each, contents, read.top))
      if (subject.imports.length > 0 || plain.some(needsImports)) importing.push(subject)
      versions.set(subject, counted(plain))
    }
    if (importing.length > 0) {
      const names = new Map([...nameInRef].filter(([, subject]) => importing.includes(subject)))
      const shown = (path: string) => this.#shownPath(path, read.top)
      for (const [subject, all] of await importedVersions(this.#git, read, names, shown))
        versions.set(subject, counted(all))
    }
    return versions
  }

  #version({ blob, path, commit }: Held, contents: ReadonlyMap<string, string>, top: string): Uncounted {
    const source = new Source(this.#shownPath(path, top), contents.get(blob) ?? '')
    const parsed = tryParse(source, LENIENT)
    return { origin: originOf(commit), source, imports: [], ...(parsed instanceof CheckError ? {} : { parsed }) }
  }

  #gone(left: ReadonlyMap<string, Source>, nameInRef: ReadonlyMap<string, Subject>, read: Read): readonly Gone[] {
    const origin = `git:${this.#options.ref} (${read.commit.slice(0, 7)})`
    return [...left].flatMap(([path, source]) => {
      if (nameInRef.has(path)) return []
      const parsed = tryParse(source, { validateDefaults: false })
      const name =
        parsed instanceof CheckError ? source.path : subjectName(this.#options.subject, parsed.root, source.path)
      return [{ name, version: { label: 'v1', origin, source, imports: [] } }]
    })
  }

  #shownPath(path: string, top: string): string {
    return relative(realpathSync(this.#options.cwd), resolve(top, path)).split(sep).join('/')
  }
}

export function originOf({ id, day }: Commit): string {
  return `${id.slice(0, 7)} ${day}`.trim()
}

function treeOf(output: string): ReadonlyMap<string, string> {
  const tree = new Map<string, string>()
  for (const entry of output.split('\0')) {
    if (!entry.endsWith('.avsc')) continue
    const tab = entry.indexOf('\t')
    const [mode, type, blob = ''] = entry.slice(0, tab).split(' ')
    if (type === 'blob' && mode !== LINK && isBlob({ blob })) tree.set(entry.slice(tab + 1), blob)
  }
  return tree
}

/** The id that git gives a content, in a repository with SHA-1 ids; in others it matches nothing, which costs only time. */
function blobId(text: string): string {
  const bytes = Buffer.from(text, 'utf8')
  return createHash('sha1').update(`blob ${bytes.length}\0`).update(bytes).digest('hex')
}

function shallow(): CheckError {
  return new CheckError(
    'SHALLOW',
    'this clone is shallow, so git does not know the older versions that a transitive mode asks about.',
    {
      hint: 'Fetch all (fetch-depth: 0 in GitHub Actions, GIT_DEPTH: 0 in GitLab, git fetch --unshallow), or compare against the lock file.',
    },
  )
}

function needsImports({ source, parsed }: Uncounted): boolean {
  if (parsed !== undefined) return false
  const alone = tryParse(source, LENIENT)
  return alone instanceof CheckError && alone.code === 'UNKNOWN_NAME'
}

function rootName(source: Source): string {
  const root = rootOf(source)
  return root === undefined || !isNamed(root) ? '' : root.fullName
}

function folderOf(path: string): string {
  return statSync(path, { throwIfNoEntry: false })?.isDirectory() === true ? path : dirname(path)
}
