import { existsSync, readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { Command } from 'commander'
import { Source } from '../avro/source.ts'
import { type Compatibility, checkCompatibility, type PairFinding } from '../compat/check-compatibility.ts'
import { BadUsage } from '../errors.ts'
import { oneLine } from '../report/sentence.ts'
import { ruleOf } from '../rules/catalogue.ts'
import { EXIT, guarded, type Outside } from './outside.ts'

export function compatCommand(outside: Outside): Command {
  return new Command('compat')
    .description('Whether data written with WRITER can be read with READER: one pair, all findings.')
    .argument('<reader>', 'schema file that reads')
    .argument('<writer>', 'schema file that wrote')
    .option('--json', 'for programs')
    .addHelpText(
      'after',
      `\nExamples:\n  $ ${outside.program} compat new/Order.avsc old/Order.avsc\n  $ ${outside.program} compat reader.avsc writer.avsc --json`,
    )
    .action((reader: string, writer: string, { json }: { json?: boolean }, command: Command) =>
      guarded(outside, command, () => {
        const result = checkCompatibility(source(outside, reader), source(outside, writer))
        outside.out(json === true ? `${JSON.stringify(result, null, 2)}\n` : inWords(result, { reader, writer }))
        outside.exit(result.findings.some(isError) ? EXIT.findings : EXIT.clean)
      }),
    )
}

function source({ cwd }: Outside, path: string): Source {
  const file = resolve(cwd, path)
  if (!existsSync(file)) throw new BadUsage('NO_SUCH_PATH', `there is no file ${path}.`)
  return new Source(path, readFileSync(file, 'utf8'))
}

function inWords({ compatible, findings }: Compatibility, paths: Readonly<Record<PairFinding['in'], string>>): string {
  const verdict = compatible
    ? 'compatible: the reader reads all that the writer may write'
    : 'incompatible: the reader fails on data of the writer'
  const lines = findings.map((finding) => {
    const { rule, field, message, fix, position, location } = finding
    const where = `${paths[finding.in]}:${position.line}:${position.column}`
    const pointer = location === undefined ? '' : ` [${location}]`
    const subject = field === '' ? '' : ` ${field}`
    return oneLine(
      `${where}: ${isError(finding) ? 'ERROR' : 'WARNING'} ${rule}${subject}: ${message}${pointer}. Fix: ${fix}.`,
    )
  })
  return `${[...lines, verdict].join('\n')}\n`
}

function isError({ rule }: PairFinding): boolean {
  return ruleOf(rule)?.level === 'error'
}
