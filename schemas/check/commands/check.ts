import { Command, Option } from 'commander'
import { type CheckReport, check } from '../check.ts'
import type { Level } from '../finding.ts'
import { countsOf, FORMATS, type Format, render } from '../report/report.ts'
import { plural } from '../report/sentence.ts'
import { againstOf, type CommonOptions, commonOptions, loaded, modeOption } from './options.ts'
import { EXIT, guarded, type Outside } from './outside.ts'

interface CheckOptions extends CommonOptions {
  readonly format: Format
  readonly failOn: Level
  readonly changed?: boolean
}

export function checkCommand(outside: Outside): Command {
  return commonOptions(new Command('check'))
    .description('Tells whom a change of schemas breaks, against a git ref, a folder, a registry or the lock file.')
    .addOption(modeOption())
    .option('--changed', 'look only at files that differ from the git ref, and at those that take types from them')
    .addOption(new Option('--format <format>', 'how findings are printed').choices(FORMATS).default('text'))
    .addOption(
      new Option('--fail-on <level>', 'exit with 100 from this level on')
        .choices(['error', 'warning'])
        .default('error'),
    )
    .addHelpText('after', examples(outside.program))
    .action((paths: string[], options: CheckOptions, command: Command) =>
      guarded(outside, command, async () => {
        const request = loaded(outside, paths, options)
        const report = await check({
          loaded: request.config,
          paths,
          against: againstOf(outside, request, options),
          cwd: outside.cwd,
          ...(options.mode === undefined ? {} : { mode: options.mode }),
          ...(outside.map === undefined ? {} : { map: outside.map }),
          ...(options.changed === true ? { onlyChanged: true } : {}),
          today: outside.today,
        })
        if (report.note !== undefined) outside.say(`note: ${report.note}\n`)
        const { color, cwd, workspace } = outside
        outside.out(
          await render(report, options.format, { color, cwd, ...(workspace === undefined ? {} : { workspace }) }),
        )
        outside.say(summary(report, outside.program))
        outside.exit(fails(report, options.failOn) ? EXIT.findings : EXIT.clean)
      }),
    )
}

function fails({ findings }: CheckReport, level: Level): boolean {
  return findings.some((finding) => level === 'warning' || finding.level === 'error')
}

function summary({ findings, subjects, where, suppressed }: CheckReport, program: string): string {
  const { errors, warnings } = countsOf(findings)
  const first = findings.find(({ level }) => level === 'error') ?? findings[0]
  const fresh = subjects.filter(({ status }) => status === 'new').length
  const isNew = fresh === 0 ? '' : ` (${fresh} new)`
  const held = suppressed.length === 0 ? '' : `, ${suppressed.length} suppressed`
  const more = first === undefined ? '' : ` \`${program} explain ${first.rule}\` tells more.`
  return `${plural(subjects.length, 'schema')}${isNew} against ${where}: ${plural(errors, 'error')}, ${plural(warnings, 'warning')}${held}.${more}\n`
}

function examples(program: string): string {
  return `
Examples:
  $ ${program} check schemas --against git:main
  $ ${program} check schemas --against git:main --changed
  $ ${program} check --against git:v1.4.0 --format github
  $ ${program} check schemas/orders --against https://registry:8081 --mode BACKWARD
  $ ${program} check --against schema-check.lock.json --format sarif > findings.sarif

Exit codes: 0 clean, 100 findings, 1 something could not be judged, 2 wrong use.`
}
