/** What is known of a place, to tell how much of it to ask for. */
export interface Asked {
  /** The offset that comes next. */
  next: number
  /** The offset behind the last one that may be read, as the broker told last. Less than `next` while nothing is known. */
  end: number
  /** Bytes of its largest batch so far: less than one batch is no use, as the broker then sends nothing. */
  batchBytes: number
  /** Bytes of a record so far, on average. */
  recordBytes: number
  /** Bytes it may still have of those that were shared out. */
  credit: number
}

/** A place to ask for, and how many bytes of it. */
export interface Share<T extends Asked> {
  readonly place: T
  readonly bytes: number
}

const LEAST_BYTES = 64 * 1024

/** What is supposed of a place that nothing came from yet. */
export const UNKNOWN = { end: 0, batchBytes: LEAST_BYTES, recordBytes: 512, credit: 0 } as const

/**
 * Shares an answer's bytes out among places. When all that waits fits into it, all of it is asked for. When there is more, each place gets bytes by
 * how much waits in it (deficit round robin, Shreedhar and Varghese 1995): topics then advance together in time, a rare one as a frequent one, so that
 * the events of an order arrive close together, as they were written. A place whose share is less than a batch waits for a later turn.
 */
export function sharesOf<T extends Asked>(places: readonly T[], limit: number): Share<T>[] {
  let waiting = 0
  for (const place of places) waiting += waitingBytes(place)
  if (waiting <= limit) {
    return places.map((place) => {
      place.credit = 0
      return { place, bytes: Math.max(LEAST_BYTES, place.batchBytes, Math.ceil(waitingBytes(place))) }
    })
  }
  const shares: Share<T>[] = []
  for (const place of places) {
    const own = waitingBytes(place)
    place.credit = own === 0 ? 0 : place.credit + (limit * own) / waiting
    if (own > 0 && place.credit < place.batchBytes) continue
    shares.push({ place, bytes: Math.max(LEAST_BYTES, Math.floor(place.credit)) })
  }
  return shares
}

/** Learns from what came of a place that was asked for. */
export function learn(
  place: Asked,
  came: { readonly bytes: number; readonly records: number; readonly largest: number },
) {
  place.credit = Math.max(0, place.credit - came.bytes)
  if (came.records > 0) place.recordBytes += (came.bytes / came.records - place.recordBytes) / 4
  if (came.largest > place.batchBytes) place.batchBytes = came.largest
  // Nothing of a place where something waits: its next batch is larger than what was asked for.
  else if (came.bytes === 0 && place.end > place.next)
    place.batchBytes = Math.min(place.batchBytes * 2, MOST_BATCH_BYTES)
}

const MOST_BATCH_BYTES = 128 * 1024 * 1024

function waitingBytes({ next, end, recordBytes }: Asked): number {
  return Math.max(0, end - next) * recordBytes
}
