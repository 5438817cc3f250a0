import { Command } from 'commander'
import { readSubjects } from '../against/files.ts'
import { type History, parseVersion, type Subject } from '../against/version.ts'
import { type Difference, differences } from '../compat/differences.ts'
import { excluded } from '../config.ts'
import { CheckError } from '../errors.ts'
import { oneLine } from '../report/sentence.ts'
import { againstOf, type CommonOptions, commonOptions, loaded } from './options.ts'
import { EXIT, guarded, type Outside } from './outside.ts'

/** What became of one schema since the newest version. */
interface Changed {
  readonly subject: string
  readonly status: 'new' | 'changed' | 'removed'
  readonly since?: string
  readonly differences: readonly Difference[]
}

const SIGN = { added: '+', removed: '-', changed: '~' } as const

export function diffCommand(outside: Outside): Command {
  return commonOptions(new Command('diff'))
    .description('Shows what changed since the newest version, field by field, without judging it.')
    .option('--json', 'for programs')
    .addHelpText(
      'after',
      `\nExamples:\n  $ ${outside.program} diff --against git:main\n  $ ${outside.program} diff schemas --against released/ --json`,
    )
    .action((given: string[], options: CommonOptions & { json?: boolean }, command: Command) =>
      guarded(outside, command, async () => {
        const request = loaded(outside, given, options)
        const subjects = readSubjects(
          request.paths,
          request.config.config.subject,
          outside.cwd,
          excluded(request.config),
        )
        const history = await againstOf(outside, request, options).load(subjects, false)
        const changed = [...subjects.flatMap((subject) => changeOf(subject, history)), ...removals(history)]
        outside.out(options.json === true ? `${JSON.stringify(changed, null, 2)}\n` : changed.map(inWords).join(''))
        if (changed.length === 0) outside.say(`nothing changed since ${history.where}\n`)
        outside.exit(EXIT.clean)
      }),
    )
}

function changeOf(subject: Subject, history: History): readonly Changed[] {
  const latest = history.versions.get(subject)?.at(-1)
  if (latest === undefined) return [{ subject: subject.name, status: 'new', differences: [] }]
  const old = parseVersion(latest)
  if (old instanceof CheckError) throw old
  const found = differences(subject.parsed.root, old.root)
  return found.length === 0
    ? []
    : [{ subject: subject.name, status: 'changed', since: latest.origin, differences: found }]
}

function removals({ gone }: History): readonly Changed[] {
  return gone.map(({ name, version }) => ({ subject: name, status: 'removed', since: version.origin, differences: [] }))
}

function inWords({ subject, status, since, differences: found }: Changed): string {
  const head = `${subject} (${status}${since === undefined ? '' : ` since ${since}`})\n`
  return head + found.map((each) => `  ${SIGN[each.kind]} ${oneLine(describeOne(each))}\n`).join('')
}

function describeOne({ path, before, after }: Difference): string {
  const name = path === '' ? '(the schema)' : path
  if (before !== undefined && after !== undefined) return `${name}: ${before} -> ${after}`
  return `${name}: ${after ?? before}`
}
