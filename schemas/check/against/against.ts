import { statSync } from 'node:fs'
import { resolve } from 'node:path'
import { BadUsage } from '../errors.ts'
import { againstFolder } from './folder.ts'
import { againstGit } from './git-history.ts'
import { againstLock } from './lock.ts'
import { againstRegistry } from './registry.ts'
import type { LeaveOut } from './schema-files.ts'
import type { Against } from './version.ts'

export interface AgainstOptions {
  readonly cwd: string
  readonly paths: readonly string[]
  readonly subject: string
  readonly history: 'all' | 'first-parent'
  /** Files that are left out. */
  readonly leaveOut?: LeaveOut
  /** For a registry: how long one request may take, in milliseconds. */
  readonly timeoutMs: number
  /** A bearer token for the registry. */
  readonly token?: string
}

const HELP = 'Give git:main, git:<tag>, a folder, the URL of a registry, or a lock file.'

/** What `--against` names: `git:<ref>`, a folder, a registry's URL, or a lock file. */
export function parseAgainst(text: string, options: AgainstOptions): Against {
  if (text.startsWith('git:')) {
    const ref = text.slice('git:'.length)
    if (ref === '' || ref.startsWith('-'))
      throw new BadUsage('BAD_AGAINST', `${JSON.stringify(text)} names no commit.`, { hint: HELP })
    return againstGit({ ...options, ref })
  }
  if (/^https?:\/\//.test(text)) {
    if (!URL.canParse(text)) throw new BadUsage('BAD_AGAINST', `${JSON.stringify(text)} is no URL.`, { hint: HELP })
    return againstRegistry({
      url: text,
      timeoutMs: options.timeoutMs,
      ...(options.token === undefined ? {} : { token: options.token }),
    })
  }
  const stats = statSync(resolve(options.cwd, text), { throwIfNoEntry: false })
  if (stats?.isDirectory() === true) return againstFolder({ ...options, folder: text })
  if (stats?.isFile() === true || text.endsWith('.json')) return againstLock({ ...options, file: text })
  throw new BadUsage('BAD_AGAINST', `there is no folder or lock file ${text}.`, { hint: HELP })
}
