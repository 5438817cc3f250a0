import { writeFileSync } from 'node:fs'
import { Command } from 'commander'
import { CodedError, messageOf } from '#pipelines/kernel/errors.ts'
import { root } from '../paths.ts'
import { run } from '../process/run.ts'

interface Step {
  readonly name: string
  readonly program?: string
  readonly args: readonly string[]
}

/** What must hold before a commit. Each is quick, and a program of its own: of Node, where nothing else is said. */
const STEPS: readonly Step[] = [
  { name: 'types', args: ['node_modules/typescript/bin/tsc', '-p', '.'] },
  { name: 'types of the page', args: ['node_modules/typescript/bin/tsc', '-p', 'analytics/web'] },
  {
    name: 'lint and format',
    args: ['node_modules/@biomejs/biome/bin/biome', 'check', '--no-errors-on-unmatched', '.'],
  },
  { name: 'import directions', args: ['node_modules/vitest/vitest.mjs', 'run', '--project', 'unit', 'bin/imports'] },
  { name: 'generated files', args: ['schemas/generate/main.ts', '--check'] },
  { name: "ordering's table", args: ['services/ordering/write-readme.ts', '--check'] },
  { name: 'the map', args: ['bin/commands.ts', 'flow', 'check'] },
  {
    name: 'our events break nobody',
    program: 'sh',
    args: ['schemas/check/ci/our-events.sh', process.execPath, 'bin/commands.ts', 'schema'],
  },
]

const FINDINGS = 100

interface Result {
  readonly name: string
  readonly ok: boolean
  readonly tookMs: number
  readonly output?: string
}

export function checkCommand(): Command {
  return new Command('check')
    .description('types, lint, import directions, generated files, the map: exit code 100 when something is found')
    .option('--json', 'as JSON')
    .option('--report <file>', 'write the JSON into a file as well')
    .addHelpText('after', '\nExamples:\n  eshop check\n  npm run check\n  eshop check --json')
    .action(async ({ json, report }: { json?: boolean; report?: string }) => {
      const results: Result[] = []
      for (const step of STEPS) {
        const result = await perform(step)
        results.push(result)
        if (!json) show(result)
      }
      const text = JSON.stringify({ checks: results }, null, 2)
      if (report) writeFileSync(report, text)
      if (json) console.log(text)
      if (results.some(({ ok }) => !ok)) process.exitCode = FINDINGS
    })
}

async function perform({ name, program = process.execPath, args }: Step): Promise<Result> {
  const begun = performance.now()
  const tookMs = () => Math.round(performance.now() - begun)
  try {
    await run(program, args, { cwd: root, env: { NO_COLOR: '1' } })
    return { name, ok: true, tookMs: tookMs() }
  } catch (error) {
    return {
      name,
      ok: false,
      tookMs: tookMs(),
      output: error instanceof CodedError ? String(error.facts.output) : messageOf(error),
    }
  }
}

function show({ name, ok, tookMs, output }: Result) {
  console.log(`${ok ? 'ok   ' : 'WRONG'} ${name} (${(tookMs / 1000).toFixed(1)} s)`)
  if (output) console.log(output.replace(/^/gm, '      '))
}
