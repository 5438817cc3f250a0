import { Command, Option } from 'commander'
import { newId } from '#pipelines/kernel/ids.ts'
import { audit } from '../books/audit.ts'
import { gather } from '../books/gather.ts'
import { parseDuration, parsePositive } from '../duration.ts'
import { type LiveLine, liveLine } from '../live-line.ts'
import { percentile } from '../percentiles.ts'
import { localEndpoints } from '../rest/endpoints.ts'
import { requireShop } from '../rest/require-shop.ts'
import { openShop, type Shop } from '../rest/shop.ts'
import { settle } from '../settle.ts'
import { stopSignal } from '../stop-signal.ts'
import { reportOf } from './report.ts'
import { playTraffic, prefixOf } from './run.ts'
import type { Visit } from './session.ts'
import { closeShelf, openShelf } from './stage.ts'
import { type Verdict, verdictOf } from './verdict.ts'

interface Flags {
  readonly rate: number
  readonly for: number
  readonly seed: number
  readonly settle: number
  readonly json?: true
}

export function trafficCommand(): Command {
  return new Command('traffic')
    .description('play seeded customers against the running shop, then check its books')
    .option('--rate <n>', 'customers that arrive per second', parsePositive, 20)
    .addOption(duration('--for <time>', 'how long they keep arriving: 30s, 5m', '60s'))
    .option('--seed <n>', 'the same seed plays the same customers', wholeNumber, 1)
    .addOption(duration('--settle <time>', 'how long orders may take to come to an end afterwards', '2m'))
    .option('--json', 'the verdict as JSON on stdout')
    .addHelpText('after', EXAMPLES)
    .action(async (flags: Flags) => {
      const verdict = await runTraffic(flags)
      console.log(flags.json ? JSON.stringify(verdict, null, 2) : reportOf(verdict))
      if (!verdict.ok) process.exitCode = 1
    })
}

const EXAMPLES = `
Customers browse, change baskets, check out; some cancel, some cards are declined, a few products sell out, prices change meanwhile.
Ctrl-C ends the arrivals; what is under way is still settled and judged.

Examples:
  eshop traffic --rate 20 --for 60s
  eshop traffic --rate 5 --for 10m --seed 42
  eshop traffic --rate 50 --for 30s --json > verdict.json

Exit codes: 0 every order came to an end and the books balance, 1 they do not or something broke, 2 usage.`

function duration(flags: string, description: string, fallback: string): Option {
  return new Option(flags, description).argParser(parseDuration).default(parseDuration(fallback), fallback)
}

function wholeNumber(text: string): number {
  return Math.round(parsePositive(text))
}

/** How long the books may take to agree once all orders are final: refunds and ClickHouse are behind. */
const BOOKS_WITHIN_MS = 60_000

async function runTraffic(flags: Flags): Promise<Verdict> {
  const live = liveLine()
  using stop = stopSignal(() => live.note('no new customers; settling what is under way (Ctrl-C again leaves at once)'))
  await using shop = openShop(localEndpoints())
  await requireShop(shop)
  const run = newId().slice(-12)
  const startedAt = new Date()
  const shelf = await openShelf(shop, run, (flags.rate * flags.for) / 1000)
  const visits = await playTraffic(shop, shelf, {
    ratePerSecond: flags.rate,
    durationMs: flags.for,
    seed: flags.seed,
    run,
    signal: stop.signal,
    onVisit: counter(live, startedAt),
  })
  const accepted = visits.flatMap((visit) => (visit.end === 'accepted' ? [visit.orderId] : []))
  await settleAll(shop, accepted, flags.settle, live)
  await closeShelf(shop, shelf)
  const { material, audited } = await audit(
    () =>
      gather(shop, {
        accepted,
        unanswered: new Set(visits.flatMap((visit) => (visit.end === 'unknown' ? [visit.customer] : []))),
        isOurs: (customerId) => customerId.startsWith(prefixOf(run)),
        startedAt,
        before: [...shelf.products, ...shelf.scarce],
      }),
    { limitMs: BOOKS_WITHIN_MS, onWait: (open) => live.show(`checking the books: ${open} entries still open`) },
  )
  live.end()
  return verdictOf(visits, material, audited)
}

async function settleAll(shop: Shop, accepted: readonly string[], limitMs: number, live: LiveLine): Promise<void> {
  const never = new AbortController().signal
  const onProgress = (open: number) => live.show(`settling: ${open} of ${accepted.length} orders on their way`)
  await settle(shop, accepted, { limitMs, signal: never, onProgress })
}

function counter(live: LiveLine, startedAt: Date): (visit: Visit) => void {
  const counts = { accepted: 0, abandoned: 0, refused: 0, unknown: 0 }
  const latest: number[] = []
  return (visit) => {
    counts[visit.end] += 1
    if (visit.end === 'accepted') latest.push(visit.checkoutMs)
    if (latest.length > 500) latest.shift()
    const seconds = Math.round((Date.now() - startedAt.getTime()) / 1000)
    live.show(
      `${seconds} s: ${counts.accepted} accepted, ${counts.refused} refused, ${counts.abandoned} abandoned, ${counts.unknown} without answer; checkout p99 ${(percentile(latest, 0.99) ?? 0).toFixed(0)} ms`,
    )
  }
}
