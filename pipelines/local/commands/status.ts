import Table from 'cli-table3'
import { Command } from 'commander'
import { type PartHealth, stackHealth } from '../checks/stack-health.ts'
import { readSettings } from '../settings.ts'

const FINDINGS = 100

export function statusCommand(): Command {
  return new Command('status')
    .description('show what runs; exit code 100 when something does not')
    .option('--json', 'as JSON')
    .addHelpText(
      'after',
      '\nExamples:\n  eshop status\n  eshop status --json\n  until npx eshop status > /dev/null; do sleep 1; done',
    )
    .action(async ({ json }: { json?: boolean }) => {
      const { state, parts } = await stackHealth(readSettings())
      if (json) console.log(JSON.stringify({ state, parts }, null, 2))
      else console.log(state === 'stopped' ? 'The shop is not running: `npm start` starts it.' : tableOf(state, parts))
      if (state !== 'ready' || parts.some(({ ready }) => !ready)) process.exitCode = FINDINGS
    })
}

function tableOf(state: string, parts: readonly PartHealth[]): string {
  const plain = process.env.NO_COLOR !== undefined || !process.stdout.isTTY
  const table = new Table({
    head: ['part', 'state', 'pid', 'restarts', 'since', 'where'],
    style: { compact: true, ...(plain ? { head: [], border: [] } : { head: ['cyan'] }) },
  })
  for (const { name, ready, pid, restarts, since, address } of parts)
    table.push([name, ready ? 'ready' : pid ? 'not ready' : 'down', pid ?? '', restarts ?? '', since ?? '', address])
  return `${table.toString()}\n${state}`
}
