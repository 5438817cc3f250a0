import { tryParse } from '../avro/parse.ts'
import { isNamed, type Schema } from '../avro/schema.ts'
import { Source } from '../avro/source.ts'
import { CheckError } from '../errors.ts'
import type { Git } from './git.ts'
import { type Commit, NO_BLOB, type RawChange } from './git-log.ts'

/**
 * The commits with only those renames that are one schema before and after. Git goes by likeness, and events are alike: one that was removed in the
 * commit that brought another would be its past.
 */
export async function withTrueRenames(git: Git, commits: readonly Commit[]): Promise<readonly Commit[]> {
  const doubtful = commits.flatMap(({ changes }) => changes.filter(isDoubtful))
  if (doubtful.length === 0) return commits
  const contents = await git.blobs([...new Set(doubtful.flatMap(({ fromBlob, blob }) => [fromBlob, blob]))])
  const textOf = (blob: string) => new Source('', contents.get(blob) ?? '')
  const split = new Set(
    doubtful.filter(({ fromBlob, blob }) => !isOneSchema(rootOf(textOf(fromBlob)), rootOf(textOf(blob)))),
  )
  return commits.map((commit) => ({
    ...commit,
    changes: commit.changes.flatMap((change) => (split.has(change) ? removedAndAdded(change) : change)),
  }))
}

/** Whether two schemas mean the same thing by their names: alike but for the namespace, or one is an alias of the other. */
export function isOneSchema(before: Schema | undefined, now: Schema | undefined): boolean {
  if (before === undefined || now === undefined || !isNamed(before) || !isNamed(now)) return true // no names to go by
  return before.name === now.name || now.aliases.includes(before.fullName) || before.aliases.includes(now.fullName)
}

export function rootOf(source: Source): Schema | undefined {
  const parsed = tryParse(source, { validateDefaults: false })
  return parsed instanceof CheckError ? undefined : parsed.root
}

function isDoubtful({ status, fromBlob, blob }: RawChange): boolean {
  return status === 'R' && fromBlob !== blob
}

function removedAndAdded({ from, path, fromBlob, blob }: RawChange): readonly RawChange[] {
  return [
    { status: 'D', from, path: from, fromBlob, blob: NO_BLOB },
    { status: 'A', from: path, path, fromBlob: NO_BLOB, blob },
  ]
}
