import { type Place, placeKey } from './source.ts'

/** How many records are known to wait in the log, over all places. */
export interface Backlog {
  readonly records: number
  told(place: Place, records: number): void
  clear(): void
}

export function createBacklog(): Backlog {
  const byPlace = new Map<string, number>()
  let sum = 0
  return {
    get records() {
      return sum
    },
    told(place, records) {
      const key = placeKey(place)
      sum += records - (byPlace.get(key) ?? 0)
      byPlace.set(key, records)
    },
    clear() {
      byPlace.clear()
      sum = 0
    },
  }
}
