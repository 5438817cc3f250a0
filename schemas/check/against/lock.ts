import { isAbsolute, relative, resolve } from 'node:path'
import { lockedVersions, readLock } from './lock-file.ts'
import { type Against, counted, type Gone, type Subject, type Version } from './version.ts'

export interface LockOptions {
  readonly file: string
  readonly cwd: string
  /** What is checked: a locked subject elsewhere is not gone. */
  readonly paths: readonly string[]
}

/** The history in a lock file. Paths in it are relative to the lock file's folder. */
export function againstLock({ file, cwd, paths }: LockOptions): Against {
  return {
    async load(subjects) {
      const lock = readLock(resolve(cwd, file), file)
      const versions = new Map<Subject, readonly Version[]>()
      for (const subject of subjects) {
        const locked = counted(lockedVersions(lock, subject.name, file))
        if (locked.length > 0) versions.set(subject, locked)
      }
      const names = new Set(subjects.map(({ name }) => name))
      const roots = paths.map((path) => resolve(cwd, path))
      const gone = Object.entries(lock.subjects).flatMap(([name, { path }]): Gone[] => {
        const [version] = counted(lockedVersions(lock, name, file)).slice(-1)
        if (names.has(name) || version === undefined || !isUnder(resolve(cwd, file, '..', path), roots)) return []
        return [{ name, version }]
      })
      return { where: file, versions, gone }
    },
  }
}

function isUnder(file: string, roots: readonly string[]): boolean {
  return roots.some((root) => {
    const below = relative(root, file)
    return below === '' || !(below.startsWith('..') || isAbsolute(below))
  })
}
