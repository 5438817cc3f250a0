import { Command } from 'commander'
import { readSubjects } from '../against/files.ts'
import type { Subject } from '../against/version.ts'
import { fingerprint } from '../avro/canonical.ts'
import { settingsOf } from '../check.ts'
import { excluded } from '../config.ts'
import { againstOf, type CommonOptions, commonOptions, loaded } from './options.ts'
import { EXIT, guarded, type Outside } from './outside.ts'

export function listCommand(outside: Outside): Command {
  return commonOptions(new Command('list'))
    .description('Lists the schemas: subject, mode, versions, fingerprint, file.')
    .option('--json', 'for programs')
    .addHelpText(
      'after',
      `\nExamples:\n  $ ${outside.program} list schemas\n  $ ${outside.program} list --against git:main --json`,
    )
    .action((given: string[], options: CommonOptions & { json?: boolean }, command: Command) =>
      guarded(outside, command, async () => {
        const request = loaded(outside, given, options)
        const { config } = request.config
        const subjects = readSubjects(request.paths, config.subject, outside.cwd, excluded(request.config))
        const history =
          options.against === undefined ? undefined : await againstOf(outside, request, options).load(subjects, true)
        const rows = subjects.map((subject: Subject) => ({
          subject: subject.name,
          mode: settingsOf(request.config, subject).mode,
          ...(history === undefined ? {} : { versions: history.versions.get(subject)?.length ?? 0 }),
          fingerprint: fingerprint(subject.parsed.root),
          path: subject.source.path,
        }))
        outside.out(options.json === true ? `${JSON.stringify(rows, null, 2)}\n` : table(rows))
        outside.exit(EXIT.clean)
      }),
    )
}

function table(rows: readonly Readonly<Record<string, string | number>>[]): string {
  const keys = Object.keys(rows[0] ?? {})
  const lines = [keys, ...rows.map((row) => keys.map((key) => String(row[key] ?? '')))]
  const widths = keys.map((_, index) => Math.max(...lines.map((line) => line[index]?.length ?? 0)))
  return lines
    .map(
      (line) =>
        `${line
          .map((cell, index) => cell.padEnd(widths[index] ?? 0))
          .join('  ')
          .trimEnd()}\n`,
    )
    .join('')
}
