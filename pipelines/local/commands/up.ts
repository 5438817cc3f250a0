import { chmod } from 'node:fs/promises'
import { join } from 'node:path'
import { Command } from 'commander'
import { Unavailable } from '#pipelines/kernel/errors.ts'
import { preflight } from '../checks/preflight.ts'
import { javaParts } from '../downloads/java-parts.ts'
import { tryLock } from '../process/lock.ts'
import { type LocalSettings, readSettings } from '../settings.ts'
import { shopPlan, withoutParts } from '../shop-plan.ts'
import type { Plan } from '../supervisor/plan.ts'
import { readRun } from '../supervisor/run-file.ts'
import { stopRecorded } from '../supervisor/stop.ts'
import { createSupervisor } from '../supervisor/supervisor.ts'
import { detach } from './detach.ts'
import { lineReporter, shopTable } from './show.ts'
import { untilStopped } from './until-stopped.ts'

export function upCommand(): Command {
  return new Command('up')
    .description(
      'start the whole shop here: Kafka, registry, PostgreSQL, ClickHouse, token issuer, services, tasks, analytics',
    )
    .option('--detach', 'return when it is ready and leave it running')
    .option('--without <parts...>', 'leave these out: you run them yourself, on the same ports')
    .addHelpText('after', EXAMPLES)
    .action(async ({ detach: inBackground, without = [] }: { detach?: boolean; without?: string[] }) => {
      const settings = readSettings()
      const plan = withoutParts(shopPlan(settings), without) // first: a wrong name is told before anything is looked at
      await (inBackground ? detach(settings, without) : up(settings, plan, without))
    })
}

const EXAMPLES = `
Examples:
  eshop up                         start, show where everything is, stop at Ctrl-C
  eshop up --detach                start and return; \`eshop down\` stops it
  KAFKA_PORT=19092 eshop up        move a port; each part has such a variable
  eshop up --without ordering      ordering runs in your debugger, with the variables of \`services/ordering/README.md\`
  GRACE_PERIOD_MS=0 eshop up       orders cannot be cancelled, but are paid at once
  ESHOP_HOME=/tmp/other eshop up   another shop with data of its own (move its ports too)

Ports (variable, default): KAFKA_PORT 9092, KAFKA_CONTROLLER_PORT 9093, REGISTRY_PORT 8081, POSTGRES_PORT 5432, CLICKHOUSE_PORT 8123,
  IDENTITY_PORT 7100, BASKET_PORT 7101, CATALOG_PORT 7102, ORDERING_PORT 7103, PAYMENT_PORT 7104, ANALYTICS_PORT 7105, TASKS_PORT 7106
Logs: one file for each part in .eshop/logs. Exit code: 0 stopped by you, 1 something broke, 2 something is missing on this machine.`

async function up(settings: LocalSettings, plan: Plan, without: readonly string[]): Promise<void> {
  const { home } = settings.folders
  const begun = performance.now()
  if (readRun(home)?.supervised) {
    console.log(`The shop is running already (\`eshop down\` stops it).\n${shopTable(settings)}`)
    return
  }
  if ((await stopRecorded(home)) === 'stopped leftovers') console.log('Stopped what an earlier start had left behind.')
  await preflight(settings, without)
  // Two starts at the same moment: one wins. The lock goes with the process, however that ends.
  if (!tryLock(join(home, 'up.lock')))
    throw new Unavailable('ALREADY_STARTING', 'another `eshop up` is starting right now')
  await chmod(home, 0o711)
  await bringDownloads()

  console.log('Starting the shop …')
  const supervisor = createSupervisor(plan, home, lineReporter())
  const stopped = untilStopped(() => console.log('Stopping the shop …'))
  if ((await Promise.race([stopped, supervisor.start()])) === undefined) {
    const seconds = ((performance.now() - begun) / 1000).toFixed(1)
    console.log(`\n${shopTable(settings)}\nReady in ${seconds} s. Ctrl-C stops everything.`)
  }
  const exitCode = await stopped
  await supervisor.close()
  console.log('Stopped. All data is kept; `npm start` goes on from here.')
  process.exit(exitCode)
}

async function bringDownloads() {
  let said = false
  let last = { files: 0, bytes: 0, elapsedMs: 0 }
  const show = () =>
    last.files === 0
      ? "all from Maven's local repository"
      : `${last.files} files, ${(last.bytes / 1e6).toFixed(1)} MB, ${Math.round(last.elapsedMs / 1000)} s`
  const live = process.stderr.isTTY && !process.env.CI
  await javaParts((progress) => {
    last = progress
    if (!said) console.error('Fetching Kafka and the schema registry with Maven …')
    if (live) process.stderr.write(`\r  ${show()}  `)
    said = true
  })
  if (said) console.error(`${live ? '\r' : ''}Fetched Kafka and the schema registry: ${show()}`)
}
