import { type Commit, isBlob, type RawChange } from './git-log.ts'

/** One content that a file had, and the commit that brought it. */
export interface Held {
  readonly blob: string
  readonly path: string
  readonly commit: Commit
}

/**
 * Every content that files had, oldest first, for each path of now. A rename hands the path's owner on to the old name, so that a file is
 * followed through folders. A file that came where another had moved away from does not take over the other's past; one that came back after it
 * was deleted has its own.
 * @param start the name in the newest commit, and who it belongs to
 */
export function lineages<T>(
  commits: readonly Commit[],
  start: ReadonlyMap<string, T>,
): ReadonlyMap<T, readonly Held[]> {
  const owners = new Map<string, readonly T[]>([...start].map(([path, owner]) => [path, [owner]]))
  const held = new Map<T, Held[]>([...start.values()].map((owner) => [owner, []]))
  /** Owners that were added at a path, later than the commit that is looked at. */
  const born = new Map<T, string>()
  for (const commit of commits) {
    const moves: (readonly [RawChange, readonly T[]])[] = []
    for (const change of commit.changes) {
      const of = owners.get(change.path)
      if (of === undefined) continue
      if (isBlob(change))
        for (const owner of of) {
          held.get(owner)?.push({ blob: change.blob, path: change.path, commit })
          if (change.status === 'A') born.set(owner, change.path)
        }
      if (change.status === 'R') moves.push([change, of])
    }
    for (const [{ path }] of moves) owners.delete(path)
    for (const [{ from }, of] of moves) {
      const others = (owners.get(from) ?? []).filter((owner) => born.get(owner) !== from)
      owners.set(from, [...others, ...of])
    }
  }
  for (const list of held.values()) list.reverse()
  return held
}

/** Whether the last that history tells of a path is that its file was deleted, and not that it moved. */
export function wasDeleted(commits: readonly Commit[], path: string): boolean {
  for (const { changes } of commits) {
    const last = changes.find((change) => change.path === path || (change.status === 'R' && change.from === path))
    if (last !== undefined) return last.status === 'D'
  }
  return false
}
