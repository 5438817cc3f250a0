import { readFile, writeFile } from 'node:fs/promises'
import { Command } from 'commander'
import { UsageError } from '#pipelines/kernel/errors.ts'
import { eventSchemas } from '#schemas/generated/events.ts'
import { flowChart, flowTable, withChart } from './chart.ts'
import { topics } from './map.ts'
import { flowProblems } from './problems.ts'

const FINDINGS = 100

/** `eshop flow`: what the map says, and whether it is sound. */
export function flowCommand(write: (text: string) => void = (text) => process.stdout.write(text)): Command {
  const flow = new Command('flow').description('the map of topics, events, producers and consumers')

  flow
    .command('check')
    .description('prove that every topic has schemas, a key, a producer and a consumer; exit code 100 if not')
    .option('--json', 'print what is wrong as JSON')
    .addHelpText('after', '\nExamples:\n  eshop flow check\n  eshop flow check --json')
    .action(({ json }: { json?: true }) => {
      const problems = flowProblems(topics, eventSchemas)
      if (json) write(`${JSON.stringify(problems, null, 2)}\n`)
      else {
        for (const { where, problem } of problems) write(`${where} ${problem}\n`)
        const counted = `${Object.keys(topics).length} topics, ${Object.keys(eventSchemas).length} events`
        write(`${counted}, ${problems.length === 0 ? 'all is well' : `${problems.length} to mend`}\n`)
      }
      if (problems.length > 0) process.exitCode = FINDINGS
    })

  flow
    .command('show')
    .description('print the map as a table')
    .option('--json', 'print it as JSON')
    .addHelpText('after', '\nExamples:\n  eshop flow show\n  eshop flow show --json')
    .action(({ json }: { json?: true }) => write(json ? `${JSON.stringify(topics, null, 2)}\n` : flowTable(topics)))

  flow
    .command('chart')
    .description('print the map as a Mermaid chart, or write it into a file between its flow marks')
    .option('--write [file]', 'the file to write into (default: README.md)')
    .addHelpText('after', '\nExamples:\n  eshop flow chart\n  eshop flow chart --write')
    .action(async ({ write: file }: { write?: string | true }) => {
      if (file === undefined) write(flowChart(topics))
      else await writeChart(file === true ? 'README.md' : file)
    })

  async function writeChart(file: string) {
    const before = await readFile(file, 'utf8').catch((cause) => {
      throw new UsageError('FLOW_FILE_MISSING', `cannot read ${file}`, { cause })
    })
    const after = withChart(before, topics)
    if (after === undefined)
      throw new UsageError('FLOW_MARKS_MISSING', `${file} has no <!-- flow: … --> and <!-- /flow --> lines`)
    if (after !== before) await writeFile(file, after)
    write(`${file} ${after === before ? 'was up to date' : 'written'}\n`)
  }

  return flow
}
