import { Command, Option } from 'commander'
import { seeded } from '#pipelines/kernel/chance.ts'
import { CodedError } from '#pipelines/kernel/errors.ts'
import { newId } from '#pipelines/kernel/ids.ts'
import { readSettings } from '#pipelines/local/settings.ts'
import { parseDuration, parsePositive } from '#services/e2e/duration.ts'
import { localEndpoints } from '#services/e2e/rest/endpoints.ts'
import { requireShop } from '#services/e2e/rest/require-shop.ts'
import { openShop } from '#services/e2e/rest/shop.ts'
import { stopSignal } from '#services/e2e/stop-signal.ts'
import { tableOf } from '#services/e2e/table.ts'
import { localAddresses } from './local-addresses.ts'
import { type Fault, planOf } from './plan.ts'
import { victimsOf } from './processes.ts'
import { chaosReport, verdictOf } from './report.ts'
import { runChaos } from './run.ts'
import { openShow } from './show.ts'

interface Flags {
  readonly for: number
  readonly rate: number
  readonly seed?: number
  readonly settle: number
  readonly plan?: true
  readonly json?: true
}

export function chaosCommand(): Command {
  return new Command('chaos')
    .description('break the running local shop in every way while customers shop, then prove that nothing was lost')
    .addOption(duration('--for <time>', 'how long: 30s, 5m', '2m'))
    .option('--rate <n>', 'customers that arrive per second', parsePositive, 5)
    .option('--seed <n>', 'the same seed does the same to the same; default: a new one, which is shown', wholeNumber)
    .addOption(duration('--settle <time>', 'how long everything may take to come to its end afterwards', '3m'))
    .option('--plan', 'show what would be done to whom, and do nothing')
    .option('--json', 'the verdict as JSON on stdout')
    .addHelpText('after', EXAMPLES)
    .action(async (flags: Flags) => {
      const seed = flags.seed ?? Math.floor(Math.random() * 1e9)
      const { folders } = readSettings()
      const victims = victimsOf(folders.home)
      if (victims.names().length === 0)
        throw new CodedError(
          'NO_SHOP',
          `no shop runs from ${folders.home}: start one with \`eshop up\` (chaos breaks only a local one)`,
        )
      const plan = planOf(victims.names(), flags.for, seeded(seed))
      if (flags.plan) console.log(flags.json ? JSON.stringify({ seed, plan }, null, 2) : planTable(plan, seed))
      else await breakShop(flags, seed, plan)
    })
}

const EXAMPLES = `
What is done: kill (SIGKILL), restart, freeze (SIGSTOP, later SIGCONT: connections hang), hang, cut and lock (database sessions that stop
answering, are ended, or wait for a stranger's table lock). To whom: every process that the run file of this shop records, and no other.
The verdict is read from raw tables, topics, ClickHouse and the clients' own notes. Ctrl-C ends early and judges what was done.

Examples:
  eshop chaos
  eshop chaos --for 10m --rate 10 --seed 42
  eshop chaos --seed 42 --plan
  eshop chaos --for 1m --json > verdict.json

Exit codes: 0 all nine invariants hold, 1 one does not or something broke, 2 usage.`

function duration(flags: string, description: string, fallback: string): Option {
  return new Option(flags, description).argParser(parseDuration).default(parseDuration(fallback), fallback)
}

function wholeNumber(text: string): number {
  return Math.round(parsePositive(text))
}

async function breakShop(flags: Flags, seed: number, plan: readonly Fault[]): Promise<void> {
  const settings = readSettings()
  const endpoints = localEndpoints()
  await using shop = openShop(endpoints)
  await requireShop(shop)
  process.stderr.write(
    `seed ${seed}: ${plan.length} faults in ${flags.for / 1000} s, ${flags.rate} customers per second\n`,
  )
  const show = openShow(process.stderr)
  using stop = stopSignal(() => process.stderr.write('no more faults and customers; judging what was done\n'))
  const result = await runChaos({
    home: settings.folders.home,
    endpoints,
    addresses: localAddresses(settings),
    plan,
    ratePerSecond: flags.rate,
    durationMs: flags.for,
    seed,
    run: newId().slice(-12),
    settleMs: flags.settle,
    signal: stop.signal,
    watch: show,
  }).finally(() => show.end())
  console.log(flags.json ? JSON.stringify(verdictOf(result, seed), null, 2) : chaosReport(result, seed, process.stdout))
  if (result.findings.length > 0) process.exitCode = 1
}

function planTable(plan: readonly Fault[], seed: number): string {
  const rows = plan.map(({ atMs, kind, victim, forMs }) => [
    (atMs / 1000).toFixed(1),
    kind,
    victim,
    forMs > 0 ? (forMs / 1000).toFixed(1) : '',
  ])
  return `seed ${seed}\n${tableOf(['at s', 'what', 'whom', 'for s'], rows)}`
}
