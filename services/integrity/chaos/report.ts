import { styleText } from 'node:util'
import { tally } from '#services/e2e/traffic/verdict.ts'
import type { InvariantName } from '../oracle/evidence.ts'
import { countsOf, reportOf } from '../oracle/report.ts'
import type { Done } from './faults.ts'
import type { ChaosResult } from './run.ts'

/** The outcome for machines. */
export interface ChaosVerdict {
  readonly ok: boolean
  readonly seed: number
  readonly customers: Readonly<Record<string, number>>
  readonly orders: Readonly<Record<string, number>>
  readonly faults: readonly {
    readonly atMs: number
    readonly kind: string
    readonly victim: string
    readonly forMs: number
    readonly backAfterMs: number | null
    readonly note: string
  }[]
  /** Milliseconds from the end of the traffic until nothing was wrong. */
  readonly cleanAfterMs: number | null
  readonly records: number
  /** Findings by invariant: nine zeros, or something is broken. */
  readonly invariants: Readonly<Record<InvariantName, number>>
  readonly findings: readonly { readonly invariant: InvariantName; readonly says: string; readonly orderId?: string }[]
}

export function verdictOf(
  { played, faults, findings, evidence, cleanAfterMs }: ChaosResult,
  seed: number,
): ChaosVerdict {
  return {
    ok: findings.length === 0,
    seed,
    customers: tally(
      played.visits.map((visit) =>
        visit.end === 'refused'
          ? `refused: ${visit.code}`
          : visit.end === 'unknown'
            ? `no answer: ${visit.why}`
            : visit.end,
      ),
    ),
    orders: tally(
      evidence.ordering.orders
        .filter(({ customerId }) => evidence.clients.isOurs(customerId))
        .map(({ status }) => status),
    ),
    faults: faults.map(({ fault, backAfterMs = null, note }) => ({ ...fault, backAfterMs, note })),
    cleanAfterMs: cleanAfterMs ?? null,
    records: evidence.records.length,
    invariants: countsOf(findings),
    findings,
  }
}

/** The outcome for people. */
export function chaosReport(result: ChaosResult, seed: number, stream: NodeJS.WriteStream): string {
  const { ok, customers, orders, records, cleanAfterMs } = verdictOf(result, seed)
  const list = (counts: Readonly<Record<string, number>>) =>
    Object.entries(counts)
      .map(([name, count]) => `${name} ${count}`)
      .join(', ')
  const said = ok
    ? styleText('green', 'Nothing was lost, doubled or stuck.', { stream })
    : styleText('red', `The shop broke its word. Seed ${seed}: \`eshop chaos --seed ${seed}\` does the same again.`, {
        stream,
      })
  return [
    `customers: ${list(customers) || 'none'}`,
    `orders: ${list(orders) || 'none'}`,
    `faults: ${faultsIn(result.faults)}`,
    `judged by ${records} records in the topics${cleanAfterMs === null ? '' : `, ${(cleanAfterMs / 1000).toFixed(1)} s after the last customer`}:`,
    reportOf(result.findings, result.evidence, {
      width: stream.isTTY ? stream.columns : undefined,
      good: (text) => styleText('green', text, { stream }),
      bad: (text) => styleText('red', text, { stream }),
    }),
    said,
  ].join('\n')
}

function faultsIn(faults: readonly Done[]): string {
  const done = faults.filter(({ backAfterMs }) => backAfterMs !== undefined)
  const slowest = Math.max(0, ...done.map(({ backAfterMs = 0 }) => backAfterMs))
  const kinds = Object.entries(tally(done.map(({ fault }) => fault.kind))).map(([kind, count]) => `${count} ${kind}`)
  const skipped = faults.length - done.length
  return `${kinds.join(', ') || 'none'}${skipped > 0 ? `, ${skipped} skipped` : ''}; the slowest was back after ${(slowest / 1000).toFixed(1)} s`
}
