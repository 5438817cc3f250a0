import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, relative, resolve, sep } from 'node:path'
import { Command } from 'commander'
import { parseAgainst } from '../against/against.ts'
import { readSubjects } from '../against/files.ts'
import { type LockFile, lockedVersions, lockText, readLock } from '../against/lock-file.ts'
import { contentOf, counted, type Subject, type Uncounted } from '../against/version.ts'
import { Source } from '../avro/source.ts'
import { excluded } from '../config.ts'
import { CheckError } from '../errors.ts'
import { plural } from '../report/sentence.ts'
import { type CommonOptions, commonOptions, loaded, lockPath } from './options.ts'
import { EXIT, guarded, type Outside } from './outside.ts'

interface LockOptions extends CommonOptions {
  readonly check?: boolean
  readonly prune?: boolean
}

/** Versions of one subject, on the way into the lock file. */
type Locked = Map<Pick<Subject, 'name' | 'source'>, readonly Uncounted[]>

export function lockCommand(outside: Outside): Command {
  return commonOptions(new Command('lock'))
    .description('Writes the lock file: every version of every schema, so that checks need neither git nor a registry.')
    .option('--check', 'write nothing; exit with 100 when the lock file is not up to date')
    .option('--prune', 'forget schemas that are gone')
    .addHelpText(
      'after',
      `\nThe first lock takes the whole history from git, later ones add what is new.\n\nExamples:\n  $ ${outside.program} lock schemas\n  $ ${outside.program} lock --against https://registry:8081\n  $ ${outside.program} lock --check`,
    )
    .action((given: string[], options: LockOptions, command: Command) =>
      guarded(outside, command, async () => {
        const request = loaded(outside, given, options)
        const shown = lockPath(outside, request.config)
        const file = resolve(outside.cwd, shown)
        const before = existsSync(file) ? readLock(file, shown) : undefined
        const subjects = readSubjects(
          request.paths,
          request.config.config.subject,
          outside.cwd,
          excluded(request.config),
        )
        const histories = await olderVersions(outside, request, options, subjects, before === undefined)
        const locked: Locked = new Map(
          subjects.map((subject) => [subject, versionsOf(subject, before, shown, histories, outside)]),
        )
        if (before !== undefined && options.prune !== true)
          keepOthers(before, shown, dirname(file), outside.cwd, locked)
        const pathOf = (source: Source) =>
          relative(dirname(file), resolve(outside.cwd, source.path)).split(sep).join('/')
        finish(outside, options, { file, shown }, lockText(locked, pathOf), locked)
      }),
    )
}

/** Git's history for the first lock; afterwards only what is asked for. */
async function olderVersions(
  outside: Outside,
  { config, paths }: ReturnType<typeof loaded>,
  options: LockOptions,
  subjects: readonly Subject[],
  isFirst: boolean,
): Promise<ReadonlyMap<Subject, readonly Uncounted[]>> {
  const text = options.against ?? (isFirst ? 'git:HEAD' : undefined)
  if (text === undefined) return new Map()
  const { subject, history } = config.config
  const { registryToken: token } = outside
  const common = {
    cwd: outside.cwd,
    paths,
    subject,
    history,
    leaveOut: excluded(config),
    timeoutMs: options.timeout,
    ...(token === undefined ? {} : { token }),
  }
  try {
    return (await parseAgainst(text, common).load(subjects, true)).versions
  } catch (error) {
    const hasNoGit = error instanceof CheckError && ['NO_REPOSITORY', 'NO_REF', 'NO_GIT'].includes(error.code)
    if (options.against === undefined && hasNoGit) return new Map() // nothing was ever committed
    throw error
  }
}

function versionsOf(
  subject: Subject,
  before: LockFile | undefined,
  shown: string,
  histories: ReadonlyMap<Subject, readonly Uncounted[]>,
  { today }: Outside,
): readonly Uncounted[] {
  const known = before === undefined ? [] : lockedVersions(before, subject.name, shown)
  const older = [...known, ...(histories.get(subject) ?? [])]
  const now = { origin: `locked ${today}`, source: subject.source, imports: subject.imports }
  const isNew = !older.some((version) => contentOf(version) === contentOf(now))
  return counted(isNew ? [...older, now] : older).map(({ label: _, ...version }) => version)
}

function keepOthers(before: LockFile, shown: string, folder: string, cwd: string, locked: Locked): void {
  const names = new Set([...locked.keys()].map(({ name }) => name))
  for (const [name, { path }] of Object.entries(before.subjects)) {
    if (names.has(name)) continue
    locked.set(
      { name, source: new Source(relative(cwd, resolve(folder, path)), '') },
      lockedVersions(before, name, shown),
    )
  }
}

function finish(
  outside: Outside,
  { check }: LockOptions,
  { file, shown }: { file: string; shown: string },
  text: string,
  locked: Locked,
): void {
  const versions = [...locked.values()].reduce((sum, each) => sum + each.length, 0)
  const isSame = existsSync(file) && readFileSync(file, 'utf8') === text
  if (check === true && !isSame) {
    outside.say(`${shown} is not up to date. Run \`${outside.program} lock\` and commit it.\n`)
    outside.exit(EXIT.findings)
    return
  }
  if (!isSame) writeFileSync(file, text)
  outside.say(
    `${shown}: ${plural(locked.size, 'schema')}, ${plural(versions, 'version')}${isSame ? ', up to date' : ''}\n`,
  )
  outside.exit(EXIT.clean)
}
