import { createHash } from 'node:crypto'
import { appendFile, mkdir, open, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { messageOf, UsageError } from '#pipelines/kernel/errors.ts'
import { newId } from '#pipelines/kernel/ids.ts'
import type { Invoice } from './invoices.ts'

/** What basket accepted for an invoice. */
export interface Accepted {
  readonly orderId: string
  readonly totalMinor: number
  readonly units: number
}

/**
 * What a replay remembers of itself. The run's id is on disk before the first order and goes into every idempotency key, and the shop
 * keeps accepted answers for good: that is what makes a resumed run safe. The list of finished invoices only saves repeating them.
 */
export interface Progress {
  readonly run: string
  readonly startedAt: Date
  /** By the invoice's key. */
  readonly accepted: ReadonlyMap<string, Accepted>
  accept(invoice: Invoice, accepted: Accepted): Promise<void>
  finish(): Promise<void>
}

interface Start {
  readonly run: string
  readonly file: string
  readonly startedAt: string
  /** What decides what a row means: a resumed run must read the file as the first one did. */
  readonly reading: string
}
type Line = Start | ({ readonly key: string } & Accepted) | { readonly finished: true }

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

export interface ProgressOptions {
  readonly folder: string
  readonly file: string
  readonly resume: boolean
  readonly again: boolean
  readonly reading: string
}

/**
 * Opens the memory of a file's replay.
 * @throws UsageError `REPLAY_INTERRUPTED` or `REPLAY_DONE` when there is an earlier run and neither `resume` nor `again` says what to do;
 * `REPLAY_NOTHING_TO_RESUME` when there is none; `REPLAY_READ_OTHERWISE` when it read the file with other options
 */
export async function openProgress({ folder, file, resume, again, reading }: ProgressOptions): Promise<Progress> {
  await mkdir(folder, { recursive: true })
  const path = join(folder, `${await digestOf(file)}.jsonl`)
  const lines = await readLines(path)
  const start = lines.find((line): line is Start => 'run' in line)
  if (resume) {
    if (!start)
      throw new UsageError('REPLAY_NOTHING_TO_RESUME', `${file} was not replayed here before: leave out --resume`)
    if (start.reading !== reading)
      throw new UsageError(
        'REPLAY_READ_OTHERWISE',
        `the run to resume read ${file} with ${start.reading}, this one with ${reading}: use the same options`,
      )
    return progress(path, start, lines)
  }
  if (start && !again) throw earlierRun(file, lines)
  const fresh = { run: newId(), file, startedAt: new Date().toISOString(), reading }
  await writeDurably(path, fresh)
  return progress(path, fresh, [])
}

function earlierRun(file: string, lines: readonly Line[]): UsageError {
  return lines.some((line) => 'finished' in line)
    ? new UsageError(
        'REPLAY_DONE',
        `${file} was replayed here before: --again orders everything anew, --resume only what was refused`,
      )
    : new UsageError(
        'REPLAY_INTERRUPTED',
        `an earlier replay of ${file} did not finish: --resume continues it, --again orders everything anew`,
      )
}

function progress(path: string, { run, startedAt }: Start, lines: readonly Line[]): Progress {
  const accepted = new Map<string, Accepted>()
  for (const line of lines) if ('key' in line) accepted.set(line.key, line)
  // The first byte ends the line that was being written when an earlier run was killed.
  const append = (line: Line) => appendFile(path, `\n${JSON.stringify(line)}\n`)
  return {
    run,
    startedAt: new Date(startedAt),
    accepted,
    async accept(invoice, { orderId, totalMinor, units }) {
      const line = { key: keyOfInvoice(invoice), orderId, totalMinor, units }
      accepted.set(line.key, line)
      await append(line)
    },
    finish: () => append({ finished: true }),
  }
}

async function digestOf(file: string): Promise<string> {
  const bytes = await readFile(file).catch((error: unknown) => {
    throw new UsageError('CSV_FILE', `cannot read ${file}: ${messageOf(error)}`)
  })
  return createHash('sha256').update(bytes).digest('hex').slice(0, 16)
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
