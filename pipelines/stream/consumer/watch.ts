import type { PartitionLag } from '../binders/types.ts'
import type { Assignment } from './assignment.ts'

export interface WatchOptions {
  readonly stallMs: number
  /** What is worked on; undefined while something is waited for that everybody knows of. */
  readonly assignment: () => Assignment | undefined
  readonly lag: () => Promise<readonly PartitionLag[]>
  readonly onStall: (facts: { readonly topic: string; readonly partition: number; readonly at: string }) => void
}

/** Notices lag without progress. */
export interface Watch {
  start(): void
  close(): void
  /** Why the consumer is not ready: set with a stall, cleared by progress. */
  stalledBy(): string | undefined
}

/**
 * Looks at two signs: a record that is here and does not finish though nothing says it should wait, and a partition with lag of which nothing arrives. For
 * the second the broker is asked five times within `stallMs`, also when all is quiet, as that is what a standstill looks like from here. With the default
 * (every 6 s) and eight topics that is 5 ms of CPU each time, less than 0.1 % of a core.
 */
export function createWatch({ stallMs, assignment, lag, onStall }: WatchOptions): Watch {
  const since = new Map<string, { readonly at: string; readonly time: number }>()
  let timer: NodeJS.Timeout | undefined
  let stalled: { readonly place: string; readonly at: string } | undefined
  let isLooking = false

  async function look() {
    const current = assignment()
    if (!current) {
      since.clear()
      return
    }
    const signs = current
      .expectedToMove()
      .map(({ topic, partition, oldest }) => ({ topic, partition, at: oldest?.record.offset ?? '' }))
    const busy = new Set(current.queues.filter(({ unfinished }) => unfinished > 0).map(placeOf))
    const ours = new Set(current.queues.map(placeOf))
    const behind = (await lag().catch(() => [])).filter(
      (each) => each.lag > 0 && ours.has(placeOf(each)) && !busy.has(placeOf(each)),
    )
    if (current !== assignment()) return
    judge([
      ...signs,
      ...behind.map(({ topic, partition, committed = 'start' }) => ({ topic, partition, at: committed })),
    ])
  }

  function judge(signs: readonly { topic: string; partition: number; at: string }[]) {
    const now = performance.now()
    const seen = new Map(signs.map((sign) => [placeOf(sign), sign]))
    for (const place of [...since.keys()]) if (!seen.has(place)) since.delete(place)
    if (stalled && seen.get(stalled.place)?.at !== stalled.at) stalled = undefined
    for (const [place, sign] of seen) {
      const before = since.get(place)
      if (before?.at !== sign.at) since.set(place, { at: sign.at, time: now })
      else if (now - before.time >= stallMs) {
        stalled = { place, at: sign.at }
        since.clear()
        onStall(sign)
        return
      }
    }
  }

  return {
    start() {
      timer ??= setInterval(
        () => {
          if (isLooking) return
          isLooking = true
          void look().finally(() => {
            isLooking = false
          })
        },
        Math.max(50, stallMs / 5),
      )
    },
    close: () => clearInterval(timer),
    stalledBy: () => (stalled ? 'LAG_WITHOUT_PROGRESS' : undefined),
  }
}

function placeOf({ topic, partition }: { readonly topic: string; readonly partition: number }): string {
  return `${topic}/${partition}`
}
