import { join, resolve } from 'node:path'
import { Command, InvalidArgumentError } from 'commander'
import { CodedError, messageOf } from '#pipelines/kernel/errors.ts'
import { pause } from '#pipelines/kernel/lifecycle.ts'
import { readSettings } from '#pipelines/local/settings.ts'
import { orderRows } from '../books/rows.ts'
import { parsePositive } from '../duration.ts'
import { type LiveLine, liveLine } from '../live-line.ts'
import { localEndpoints } from '../rest/endpoints.ts'
import { requireShop } from '../rest/require-shop.ts'
import { openShop, type Shop } from '../rest/shop.ts'
import type { OrderView } from '../rest/views.ts'
import { settle } from '../settle.ts'
import { stopSignal } from '../stop-signal.ts'
import { type Invoice, toInvoices, unitsBySku } from './invoices.ts'
import { type Outcome, outcomeOf } from './outcome.ts'
import { playInvoice } from './play.ts'
import { type Accepted, keyOfInvoice, openProgress, type Progress } from './progress.ts'
import { writeRefused } from './refused-file.ts'
import { reportOf } from './report.ts'
import { readHistory } from './rows.ts'
import { playInOrder } from './schedule.ts'
import { openReplayShelf } from './shelf.ts'

interface Flags {
  readonly rate?: number
  readonly resume?: true
  readonly again?: true
  readonly currency: string
  readonly dayFirst?: true
  readonly concurrency: number
  readonly refusedTo?: string
  readonly json?: true
}

export function replayCommand(): Command {
  return new Command('replay')
    .argument(
      '<file.csv>',
      'the history: InvoiceNo, StockCode, Description, Quantity, InvoiceDate, UnitPrice, CustomerID, Country',
    )
    .description('play a real order history through the running shop, one checkout per invoice and customer')
    .option('--rate <n>', 'invoices per second at most (default: as fast as the shop takes them)', parsePositive)
    .option('--resume', 'continue a run that was interrupted; no invoice is ordered twice')
    .option('--again', 'order everything anew although the file was replayed before')
    .option('--currency <code>', 'of the prices in the file (ISO 4217)', currency, 'EUR')
    .option('--day-first', 'read 3/4/2011 as 3 April (default: month first, as the well-known files do)')
    .option('--concurrency <n>', 'invoices under way at the same time', wholeNumber, 8)
    .option('--refused-to <file>', 'write line number and reason of every refused row there, as CSV')
    .option('--json', 'the outcome as JSON on stdout')
    .addHelpText('after', EXAMPLES)
    .action(async (file: string, flags: Flags) => {
      const outcome = await runReplay(file, flags)
      console.log(flags.json ? JSON.stringify(outcome, null, 2) : reportOf(outcome))
      if (outcome.faults.length > 0) process.exitCode = 1
    })
}

const EXAMPLES = `
Returns, rows without a customer and rows with a bad number or date are counted by reason, never dropped silently.

Examples:
  eshop replay online-retail.csv --currency GBP
  eshop replay online-retail.csv --currency GBP --resume
  eshop replay history.csv --day-first --rate 10 --refused-to refused.csv

Exit codes: 0 every accepted invoice is an order that came to an end, 1 not so or something broke or it was stopped, 2 usage.`

/** The most units of one line that the shop takes by default (BASKET_MAX_QUANTITY); the largest of the well-known files is 80 995. */
const MAX_QUANTITY = 100_000
const SETTLE_WITHIN_MS = 10 * 60_000
const ANALYTICS_WITHIN_MS = 60_000

async function runReplay(file: string, flags: Flags): Promise<Outcome> {
  const live = liveLine()
  const { currency, dayFirst = false, resume = false, again = false } = flags
  const history = await readHistory(file, { currency, dayFirst, maxQuantity: MAX_QUANTITY })
  if (flags.refusedTo !== undefined) await writeRefused(flags.refusedTo, history)
  const invoices = toInvoices(history.rows)
  await using shop = openShop(localEndpoints())
  await requireShop(shop)
  const progress = await openProgress({
    folder: join(readSettings().folders.data, 'replay'),
    file: resolve(file),
    resume,
    again,
    reading: `--currency ${currency}${dayFirst ? ' --day-first' : ''}`,
  })
  const played = await play(shop, invoices, progress, flags, live)
  const orders = await ordersOf(shop, [...played.accepted.values()], live)
  const analytics = await analyticsOf(shop, orders, live)
  await progress.finish()
  live.end()
  return outcomeOf({ history, invoices, ...played, orders, analytics, currency })
}

interface PlayedAll {
  readonly accepted: ReadonlyMap<Invoice, Accepted>
  readonly refused: ReadonlyMap<Invoice, string>
  readonly again: number
}

/** @throws CodedError `REPLAY_STOPPED` after Ctrl-C or a failure, once what was under way has its answer */
async function play(
  shop: Shop,
  invoices: readonly Invoice[],
  progress: Progress,
  { currency, rate, concurrency }: Flags,
  live: LiveLine,
): Promise<PlayedAll> {
  using stop = stopSignal()
  const accepted = new Map(known(invoices, progress))
  const refused = new Map<Invoice, string>()
  let again = accepted.size
  const open = invoices.filter((invoice) => !accepted.has(invoice))
  const startedAt = performance.now()
  const show = () => {
    const done = accepted.size + refused.size
    const perSecond = ((done - again) * 1000) / (performance.now() - startedAt)
    live.show(`${done} of ${invoices.length} invoices, ${refused.size} refused, ${perSecond.toFixed(1)} per second`)
  }
  try {
    live.show(`bringing up ${unitsBySku(open).size} products`)
    const shelf = await openReplayShelf(shop, currency, unitsBySku(open))
    const one = async (invoice: Invoice) => {
      const played = await playInvoice(shop, shelf, progress, invoice)
      if (played.end === 'accepted') accepted.set(invoice, played.accepted)
      else refused.set(invoice, played.code)
      if (played.end === 'accepted' && played.again) again += 1
      show()
    }
    await playInOrder(open, one, { concurrency, perSecond: rate, signal: stop.signal })
  } catch (cause) {
    throw stopped(messageOf(cause), cause)
  } finally {
    live.end()
  }
  const done = accepted.size + refused.size
  if (done < invoices.length) throw stopped(`stopped after ${done} of ${invoices.length} invoices`)
  return { accepted, refused, again }
}

function known(invoices: readonly Invoice[], progress: Progress): [Invoice, Accepted][] {
  return invoices.flatMap((invoice) => {
    const accepted = progress.accepted.get(keyOfInvoice(invoice))
    return accepted ? [[invoice, accepted]] : []
  })
}

function stopped(why: string, cause?: unknown): CodedError {
  return new CodedError('REPLAY_STOPPED', `${why}\nthe same command with --resume goes on where this one stopped`, {
    cause,
  })
}

async function ordersOf(shop: Shop, accepted: readonly Accepted[], live: LiveLine): Promise<Map<string, OrderView>> {
  const settled = await settle(
    shop,
    accepted.map(({ orderId }) => orderId),
    {
      limitMs: SETTLE_WITHIN_MS,
      signal: new AbortController().signal,
      onProgress: (open) => live.show(`settling: ${open} of ${accepted.length} orders on their way`),
    },
  )
  return new Map(settled.flatMap(({ orderId, order }) => (order ? [[orderId, order] as const] : [])))
}

/** ClickHouse's side, once it has every order's last status or the time is over. */
async function analyticsOf(shop: Shop, orders: ReadonlyMap<string, OrderView>, live: LiveLine) {
  const until = performance.now() + ANALYTICS_WITHIN_MS
  for (;;) {
    const rows = await orderRows(shop.sql, [...orders.keys()])
    const agreeing = new Set(
      rows.flatMap((row) => (orders.get(row.orderId)?.status === row.status ? [row.orderId] : [])),
    )
    if (agreeing.size === orders.size || performance.now() > until) return rows
    live.show(`waiting for ClickHouse: ${orders.size - agreeing.size} orders to come`)
    await pause(500)
  }
}

function currency(text: string): string {
  if (!/^[A-Z]{3}$/.test(text)) throw new InvalidArgumentError('It must be three capital letters, such as GBP.')
  return text
}

function wholeNumber(text: string): number {
  const value = Number(text)
  if (!Number.isInteger(value) || value < 1 || value > 256) throw new InvalidArgumentError('It must be 1 to 256.')
  return value
}
