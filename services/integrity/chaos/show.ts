import { styleText } from 'node:util'
import { percentile } from '#services/e2e/percentiles.ts'
import type { Fare } from './customers.ts'
import type { Done } from './faults.ts'
import type { Fault } from './plan.ts'
import type { Watch } from './run.ts'

/** What is shown while chaos rules: on a terminal a table that is drawn anew, elsewhere a line for each thing that happens. */
export interface Show extends Watch {
  end(): void
}

const REDRAW_MS = 250
const PLAIN_EVERY_MS = 10_000
const MOST_ROWS = 14

export function openShow(stream: NodeJS.WriteStream, now: () => number = () => performance.now()): Show {
  const startedAt = now()
  const rows: { fault: Fault; done?: Done }[] = []
  let fare: Fare | undefined
  let judging: string | undefined
  let drawn = 0
  let lastPlain = 0
  const live = stream.isTTY === true && !process.env.CI
  const timer = live ? setInterval(draw, REDRAW_MS).unref() : undefined

  function draw() {
    const lines = [
      ...headOf(fare, now() - startedAt, judging),
      '',
      ...(rows.length > 0 ? [styleText('dim', TITLES, { stream })] : []),
      ...rows.slice(-MOST_ROWS).map(({ fault, done }) => rowOf(fault, done, stream)),
    ]
    const width = (stream.columns ?? 120) - 1
    stream.write(`${drawn > 0 ? `\x1b[${drawn}A` : ''}${lines.map((line) => `\x1b[2K${cut(line, width)}\n`).join('')}`)
    drawn = lines.length
  }

  function plain(line: string) {
    if (!live) stream.write(`${seconds(now() - startedAt)} ${line}\n`)
  }

  return {
    began(fault) {
      rows.push({ fault })
      plain(rowOf(fault, undefined, stream))
    },
    done(done) {
      const row = rows.find(({ fault }) => fault === done.fault)
      if (row) row.done = done
      plain(rowOf(done.fault, done, stream))
    },
    fare(newest) {
      fare = newest
      if (live || now() - lastPlain < PLAIN_EVERY_MS) return
      lastPlain = now()
      const [customers, answers] = headOf(fare, now() - startedAt, judging)
      stream.write(`${customers}; ${answers.trim()}\n`)
    },
    judging(open, why) {
      judging = `${open} open, such as ${why}`
      if (live || now() - lastPlain < PLAIN_EVERY_MS) return
      lastPlain = now()
      plain(`settling: ${judging}`)
    },
    end() {
      clearInterval(timer)
      judging = undefined // whatever came of it is told below
      if (live) draw()
    },
  }
}

/** Two lines, so that eighty columns are enough; each is cut where they are not. */
function headOf(fare: Fare | undefined, elapsedMs: number, judging: string | undefined): readonly [string, string] {
  if (!fare) return [`${seconds(elapsedMs)}  the first customers are on their way`, '']
  const { arrived, accepted, refused, unanswered, asked, checkoutMs } = fare
  const p = (share: number) => (percentile(checkoutMs, share) ?? 0).toFixed(0)
  const customers = `customers ${arrived}: accepted ${accepted}, refused ${refused}, no answer ${unanswered}`
  const answers = `checkout p50 ${p(0.5)} ms, p99 ${p(0.99)} ms; asked to come again (503) ${asked}`
  return [
    `${seconds(elapsedMs)}  ${customers}`,
    `${MARGIN}  ${judging === undefined ? answers : `settling: ${judging}`}`,
  ]
}

function rowOf({ atMs, kind, victim, forMs }: Fault, done: Done | undefined, stream: NodeJS.WriteStream): string {
  const what = `${seconds(atMs)}  ${kind.padEnd(8)} ${victim.padEnd(13)} ${forMs > 0 ? `for ${(forMs / 1000).toFixed(1)} s`.padEnd(11) : ''.padEnd(11)}`
  if (!done) return `${what} …`
  const colour = done.backAfterMs === undefined ? 'yellow' : 'green'
  const text =
    done.backAfterMs === undefined ? done.note : `back after ${(done.backAfterMs / 1000).toFixed(1)} s (${done.note})`
  return `${what} ${styleText(colour, text, { stream })}`
}

const MARGIN = ' '.repeat(seconds(0).length)
const TITLES = `${'at'.padStart(MARGIN.length)}  ${'what'.padEnd(8)} ${'whom'.padEnd(13)} ${'for'.padEnd(11)} how it is`

function seconds(ms: number): string {
  return `${(ms / 1000).toFixed(1).padStart(6)} s`
}

/** Cuts to a width, not counting what sets a colour. */
function cut(line: string, width: number): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: that is what they are
  const parts = line.split(/(\x1b\[[\d;]*m)/)
  let left = width
  return parts
    .map((part) => {
      if (part.startsWith('\x1b')) return part
      const some = part.slice(0, Math.max(0, left))
      left -= part.length
      return some
    })
    .join('')
}
