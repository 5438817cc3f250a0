import type { Sql } from '#pipelines/kernel/database.ts'
import { countBy } from './products.ts'

type Counts = Awaited<ReturnType<typeof countBy>>

/** Milliseconds that a count is shown after it was made: it reads every product, and anybody may ask for it. */
const KEEP_MS = 3_000

/** The counts of {@link countBy}, made at most once every few seconds and once for all who ask meanwhile. A failure is not kept. */
export function keptCounts(
  sql: Sql,
  column: 'brand' | 'category',
  now: () => number = () => performance.now(),
): () => Promise<Counts> {
  let made: { readonly atMs: number; readonly counts: Promise<Counts> } | undefined
  return () => {
    if (made && now() - made.atMs < KEEP_MS) return made.counts
    const counting = { atMs: now(), counts: countBy(sql, column) }
    made = counting
    counting.counts.catch(() => {
      if (made === counting) made = undefined
    })
    return counting.counts
  }
}
