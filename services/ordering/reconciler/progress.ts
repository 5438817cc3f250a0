import type { PartitionLag } from '#pipelines/stream/binders/types.ts'

/** One look at a group: where it stands, and up to when all that was published is in the topics. */
export interface Look {
  readonly group: string
  readonly lags: readonly PartitionLag[]
  /** When, epoch milliseconds. */
  readonly at: number
  /** What was published until then is in the topics; later things may still be in an outbox. Epoch milliseconds. */
  readonly sentUntil: number
}

/**
 * What groups have read, by time: offsets tell where a group stands, but not whether it has come to what was published at some time.
 * Each look remembers the end of every partition; once the group has passed that end, it has read all that was sent until then.
 * Errs on the side of "not yet".
 */
export interface Progress {
  see(look: Look): void
  /** Since when the group is known to have read what was published at a time; undefined while it is not. Epoch milliseconds. */
  readSince(group: string, place: { topic: string; partition: number }, publishedAt: number): number | undefined
  forget(): void
}

interface Place {
  /** Ends that the group has not passed, oldest first. */
  readonly ahead: { end: number; sentUntil: number }[]
  /** When it was seen to have read up to when; both ascend. */
  readonly read: { at: number; until: number }[]
}

/** At a look every 5 s this is most of an hour. More only makes the answers coarser, never wrong. */
const MOST_KEPT = 500

export function createProgress(): Progress {
  const places = new Map<string, Place>()

  function placeOf(group: string, { topic, partition }: { topic: string; partition: number }): Place {
    const name = `${group} ${topic}/${partition}`
    const known = places.get(name)
    if (known) return known
    const fresh: Place = { ahead: [], read: [] }
    places.set(name, fresh)
    return fresh
  }

  return {
    see({ group, lags, at, sentUntil }) {
      for (const lag of lags) {
        const { ahead, read } = placeOf(group, lag)
        const end = Number(lag.end)
        const last = ahead.at(-1)
        if (last && (last.end === end || ahead.length >= MOST_KEPT)) Object.assign(last, { end, sentUntil })
        else ahead.push({ end, sentUntil })
        const position = positionOf(lag)
        let until: number | undefined
        while (ahead[0] && ahead[0].end <= position) until = ahead.shift()?.sentUntil
        if (until === undefined || until <= (read.at(-1)?.until ?? Number.NEGATIVE_INFINITY)) continue
        read.push({ at, until })
        if (read.length > MOST_KEPT) read.shift()
      }
    },
    readSince: (group, place, publishedAt) => placeOf(group, place).read.find(({ until }) => until >= publishedAt)?.at,
    forget: () => places.clear(),
  }
}

/** A position beyond the end belongs to another topic of that name: such a group reads nothing until the end has passed it. */
function positionOf({ committed, end, lag }: PartitionLag): number {
  if (committed === undefined) return lag === 0 ? Number(end) : -1
  return Number(committed) > Number(end) ? -1 : Number(committed)
}
