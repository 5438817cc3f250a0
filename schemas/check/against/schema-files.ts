import { type Dirent, readdirSync, readFileSync, realpathSync, type Stats, statSync } from 'node:fs'
import { isAbsolute, join, relative, resolve, sep } from 'node:path'
import { Source } from '../avro/source.ts'
import { BadUsage, CheckError, messageOf } from '../errors.ts'

const SKIPPED = new Set(['node_modules', 'target', 'dist', 'build'])

/** Whether a file, relative to the working folder, is left out. */
export type LeaveOut = (path: string) => boolean

/**
 * Every .avsc file under the given paths, sorted; links are followed, each folder once. A file that is named itself is never left out. Throws
 * BadUsage for a path that does not exist or holds none, CheckError for what cannot be read.
 */
export function schemaFiles(
  paths: readonly string[],
  cwd: string,
  leaveOut: LeaveOut = () => false,
): readonly string[] {
  const found = new Set<string>()
  for (const path of paths) {
    const before = found.size
    const file = resolve(cwd, path)
    const stats = statsOf(file)
    if (stats === undefined) throw new BadUsage('NO_SUCH_PATH', `there is no file or folder ${path}.`)
    // Histories are those of .avsc files: any other would have none, and pass as new.
    if (stats.isFile() && !file.endsWith('.avsc'))
      throw new BadUsage('NOT_AVSC', `${path} is no .avsc file.`, {
        hint: 'Give it that ending, or compare two files with `compat`.',
      })
    if (stats.isFile()) found.add(file)
    else for (const each of new Walk((below) => leaveOut(shown(below, cwd))).files(file)) found.add(each)
    if (found.size === before && paths.length === 1)
      throw new BadUsage('NO_SCHEMAS', `there is no .avsc file in ${path === '.' ? 'this folder' : path}.`, {
        hint: 'Name a folder or a file that is one.',
      })
  }
  return [...found].sort()
}

export function readSource(file: string, cwd: string): Source {
  return new Source(
    shown(file, cwd),
    readable(file, () => readFileSync(file, 'utf8')),
  )
}

/** A path for people and reports: relative to the working folder, with forward slashes. */
export function shown(path: string, cwd: string): string {
  if (path.startsWith(`${cwd}/`)) return path.slice(cwd.length + 1)
  const short = isAbsolute(path) ? relative(cwd, path) : path
  return short.split(sep).join('/')
}

class Walk {
  readonly #leavesOut: LeaveOut
  /** Folders that links led to, so that a link back to one ends there. */
  readonly #linked = new Set<string>()

  constructor(leavesOut: LeaveOut) {
    this.#leavesOut = leavesOut
  }

  files(root: string): readonly string[] {
    this.#linked.add(realpathSync(root))
    const found: string[] = []
    this.#folder(root, found)
    return found
  }

  #folder(folder: string, found: string[]): void {
    for (const entry of readable(folder, () => readdirSync(folder, { withFileTypes: true }))) {
      if (entry.name.startsWith('.') || SKIPPED.has(entry.name)) continue
      const below = join(folder, entry.name)
      const kind = this.#kindOf(entry, below)
      if (kind === 'folder') this.#folder(below, found)
      else if (kind === 'file' && entry.name.endsWith('.avsc') && !this.#leavesOut(below)) found.push(below)
    }
  }

  #kindOf(entry: Dirent, path: string): 'file' | 'folder' | 'neither' {
    if (!entry.isSymbolicLink()) return entry.isDirectory() ? 'folder' : 'file'
    const stats = statsOf(path)
    if (stats === undefined) {
      if (path.endsWith('.avsc') && !this.#leavesOut(path)) throw unreadable(path, 'it is a link to nothing')
      return 'neither'
    }
    if (!stats.isDirectory()) return 'file'
    const target = realpathSync(path)
    const isBack = [...this.#linked].some((known) => known === target || known.startsWith(target + sep))
    this.#linked.add(target)
    return isBack ? 'neither' : 'folder'
  }
}

function statsOf(path: string): Stats | undefined {
  return readable(path, () => statSync(path, { throwIfNoEntry: false }))
}

/** What the system says no to is an input that cannot be judged, with a name and in one line. */
function readable<T>(path: string, read: () => T): T {
  try {
    return read()
  } catch (error) {
    throw unreadable(path, messageOf(error).replace(/, \w+ '.*$/, ''), error)
  }
}

function unreadable(path: string, why: string, cause?: unknown): CheckError {
  return new CheckError('UNREADABLE', `cannot be read: ${why}.`, {
    path,
    hint: 'Mend it, or leave it out with "exclude" in the config.',
    cause,
  })
}
