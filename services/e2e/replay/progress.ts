import { createHash } from 'node:crypto'
import { appendFile, mkdir, open, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { messageOf, UsageError } from '#pipelines/kernel/errors.ts'
import { newId } from '#pipelines/kernel/ids.ts'
import type { Invoice } from './invoices.ts'

/**
 * What a replay remembers of itself. The run's id is on disk before the first order and goes into every idempotency key, and the shop
 * keeps accepted answers for good: that is what makes a resumed run safe. The list of finished invoices only saves repeating them.
 */
export interface Progress {
  readonly run: string
  readonly orders: ReadonlyMap<string, string>
  accepted(invoice: Invoice, orderId: string): Promise<void>
  finished(): Promise<void>
}

interface Start {
  readonly run: string
  readonly file: string
}
type Line = Start | { readonly key: string; readonly orderId: string } | { readonly finished: true }

/** Names an invoice within a run. */
export function keyOfInvoice({ invoice, customer }: Invoice): string {
  return createHash('sha256')
    .update(JSON.stringify([invoice, customer]))
    .digest('hex')
    .slice(0, 24)
}

/** The idempotency key of an invoice's checkout: the same for the same run and invoice, whenever it is sent. */
export function checkoutKey(run: string, invoice: Invoice): string {
  return `replay-${run}-${keyOfInvoice(invoice)}`
}

/**
 * Opens the memory of a file's replay.
 * @throws UsageError `REPLAY_INTERRUPTED` when an earlier run did not finish and neither `resume` nor `again` says what to do;
 * `REPLAY_NOTHING_TO_RESUME` when there is no earlier run
 */
export async function openProgress(
  folder: string,
  file: string,
  { resume, again }: { resume: boolean; again: boolean },
): Promise<Progress> {
  await mkdir(folder, { recursive: true })
  const digest = createHash('sha256')
    .update(await readFile(file))
    .digest('hex')
    .slice(0, 16)
  const path = join(folder, `${digest}.jsonl`)
  const lines = await readLines(path)
  const start = lines.find((line): line is Start => 'run' in line)
  const interrupted = start !== undefined && !lines.some((line) => 'finished' in line)
  if (resume && !start)
    throw new UsageError('REPLAY_NOTHING_TO_RESUME', `${file} was not replayed here before: leave out --resume`)
  if (!resume && interrupted && !again) {
    throw new UsageError(
      'REPLAY_INTERRUPTED',
      `an earlier replay of ${file} did not finish: --resume continues it, --again orders everything anew`,
    )
  }
  if (resume && start) return progress(path, start.run, lines)
  const run = newId()
  await writeDurably(path, { run, file })
  return progress(path, run, [])
}

function progress(path: string, run: string, lines: readonly Line[]): Progress {
  const orders = new Map<string, string>()
  for (const line of lines) if ('key' in line) orders.set(line.key, line.orderId)
  const append = (line: Line) => appendFile(path, `${JSON.stringify(line)}\n`)
  return {
    run,
    orders,
    async accepted(invoice, orderId) {
      orders.set(keyOfInvoice(invoice), orderId)
      await append({ key: keyOfInvoice(invoice), orderId })
    },
    finished: () => append({ finished: true }),
  }
}

async function readLines(path: string): Promise<Line[]> {
  const text = await readFile(path, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return ''
    throw new UsageError('REPLAY_STATE', `cannot read ${path}: ${messageOf(error)}`)
  })
  return text.split('\n').flatMap((line) => {
    try {
      return line === '' ? [] : [JSON.parse(line) as Line]
    } catch {
      return [] // the line that was being written when the run was killed: its invoice is simply asked again
    }
  })
}

async function writeDurably(path: string, line: Line): Promise<void> {
  const file = await open(path, 'w')
  await file.write(`${JSON.stringify(line)}\n`)
  await file.sync()
  await file.close()
}
