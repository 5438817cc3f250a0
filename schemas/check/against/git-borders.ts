import { existsSync } from 'node:fs'
import { dirname, join, relative } from 'node:path'
import { CheckError } from '../errors.ts'
import type { Git } from './git.ts'

/**
 * Refuses a file that another repository keeps: a submodule, a clone within the clone, a path outside. Git here knows none of its versions, so it
 * would pass as new.
 * @param top the repository's folder, as git tells it
 * @param file absolute, without links
 */
export function refuseForeign(top: string, file: string, shownAs: string, cwd: string): void {
  const below = relative(top, file)
  if (below.startsWith('..')) {
    throw new CheckError('OTHER_REPOSITORY', `is outside of the repository ${top}, which knows none of its versions.`, {
      path: shownAs,
      hint: 'Check it in a run of its own.',
    })
  }
  for (let folder = dirname(file); folder !== top; folder = dirname(folder)) {
    if (!existsSync(join(folder, '.git'))) continue
    throw new CheckError('OTHER_REPOSITORY', 'is in a repository of its own (a submodule?), which has its versions.', {
      path: shownAs,
      hint: `Check it in a run of its own: check ${relative(cwd, folder) || '.'} --against git:…; or leave it out with "exclude" in the config.`,
    })
  }
}

/** Git's words for a missing ref say little; these say what there is and what to do. */
export async function missingRef(git: Git, ref: string, path: string, cause: CheckError): Promise<CheckError> {
  if (/not a git repository/.test(cause.message)) {
    return new CheckError('NO_REPOSITORY', `${path} is in no git repository.`, {
      hint: 'Compare against a folder, a registry or the lock file instead.',
      cause,
    })
  }
  if (/dubious ownership/.test(cause.message)) return cause
  return new CheckError('NO_REF', `git knows no commit ${JSON.stringify(ref)} here.`, {
    hint: await adviceOn(git, ref),
    cause,
  })
}

async function adviceOn(git: Git, ref: string): Promise<string> {
  const [shallow, refs] = await Promise.all([
    git.text('rev-parse', '--is-shallow-repository'),
    git.text('for-each-ref', '--format=%(refname:short)'),
  ])
  const known = refs.split('\n').filter((name) => name !== '')
  if (known.length === 0) return 'Nothing was committed yet, so there is nothing to compare with.'
  const elsewhere = known.find((name) => name.endsWith(`/${ref}`))
  if (elsewhere !== undefined) return `There is git:${elsewhere}.`
  if (shallow.trim() === 'true')
    return 'This clone is shallow: fetch all (fetch-depth: 0 in GitHub Actions, GIT_DEPTH: 0 in GitLab, git fetch --unshallow --tags), or compare against the lock file.'
  if (/[~^@:]/.test(ref)) return 'Name another, or compare against the lock file.'
  return `Fetch it (git fetch origin ${ref}:${ref}, or git fetch --tags), name another, or compare against the lock file.`
}
