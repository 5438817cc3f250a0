/**
 * Makes one read of all that are asked for while it is under way. For gauges that show different sides of one answer: metrics are
 * collected side by side, so what one sets for another shows a scrape late, and each reading for itself asks twice.
 */
export function sharedRead<T>(read: () => Promise<T>): () => Promise<T> {
  let underWay: Promise<T> | undefined
  return () => {
    underWay ??= read().finally(() => {
      underWay = undefined
    })
    return underWay
  }
}
