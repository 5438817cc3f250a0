import { Linker } from '../avro/link.ts'
import { Source } from '../avro/source.ts'
import { BadSchema } from '../errors.ts'
import type { Git } from './git.ts'
import { type Commit, isBlob } from './git-log.ts'
import { lineages } from './lineage.ts'
import { contentOf, type Subject, type Uncounted } from './version.ts'

/** What is known of the ref: its commits, newest first, and its files. */
interface Known {
  readonly commits: readonly Commit[]
  readonly tree: ReadonlyMap<string, string>
}

/**
 * The versions of files that take named types from others. Such a file has a new version also when only the other file changed, so the
 * folder is put together again as it was at every commit, oldest first, and each file read in it.
 */
export async function importedVersions(
  git: Git,
  { commits, tree }: Known,
  nameInRef: ReadonlyMap<string, Subject>,
  shown: (path: string) => string,
): Promise<ReadonlyMap<Subject, readonly Uncounted[]>> {
  const blobs = new Set([
    ...tree.values(),
    ...commits.flatMap(({ changes }) => changes.filter(isBlob).map(({ blob }) => blob)),
  ])
  const contents = await git.blobs([...blobs])
  const namesAt = namesOverTime(commits, nameInRef)
  const versions = new Map<Subject, Uncounted[]>([...nameInRef.values()].map((subject) => [subject, []]))
  const files = new Map<string, Source>()
  const oldestFirst = [...commits].reverse()
  for (const commit of oldestFirst) {
    for (const { status, from, path, blob } of commit.changes) {
      if (status === 'R') files.delete(from)
      if (status === 'D') files.delete(path)
      else files.set(path, new Source(shown(path), contents.get(blob) ?? ''))
    }
    record(commit, files, namesAt.get(commit) ?? nameInRef, versions)
  }
  return versions
}

function record(
  commit: Commit,
  files: ReadonlyMap<string, Source>,
  names: ReadonlyMap<string, Subject>,
  versions: ReadonlyMap<Subject, Uncounted[]>,
): void {
  const linker = new Linker([...files.values()], { validateDefaults: false })
  for (const [path, subject] of names) {
    const source = files.get(path)
    const list = versions.get(subject)
    if (source === undefined || list === undefined) continue
    const linked = linker.tryLink(source)
    const imports = linked instanceof BadSchema ? [] : linked.imports
    const version = { origin: `${commit.id.slice(0, 7)} ${commit.day}`, source, imports }
    const last = list.at(-1)
    if (last === undefined || contentOf(last) !== contentOf(version)) list.push(version)
  }
}

/** What each file was called at each commit. */
function namesOverTime(
  commits: readonly Commit[],
  nameInRef: ReadonlyMap<string, Subject>,
): ReadonlyMap<Commit, ReadonlyMap<string, Subject>> {
  const held = lineages(commits, nameInRef)
  const result = new Map<Commit, ReadonlyMap<string, Subject>>()
  const current = new Map<string, Subject>()
  for (const commit of [...commits].reverse()) {
    for (const [subject, all] of held) {
      const now = all.find((each) => each.commit === commit)
      if (now === undefined) continue
      for (const [path, owner] of current) if (owner === subject) current.delete(path)
      current.set(now.path, subject)
    }
    result.set(commit, new Map(current))
  }
  return result
}
