import type { Entry } from './entry.ts'

/** Entries that wait for the next flush. */
export interface Buffer {
  readonly rows: number
  readonly bytes: number
  /** When the first of them came; undefined while empty. */
  readonly since: number | undefined
  add(entry: Entry): void
  /** Hands all of them over and is empty. */
  drain(): readonly Entry[]
}

export function createBuffer(now: () => number): Buffer {
  let entries: Entry[] = []
  let bytes = 0
  let since: number | undefined
  return {
    get rows() {
      return entries.length
    },
    get bytes() {
      return bytes
    },
    get since() {
      return since
    },
    add(entry) {
      since ??= now()
      entries.push(entry)
      bytes += entry.bytes
    },
    drain() {
      const drained = entries
      entries = []
      bytes = 0
      since = undefined
      return drained
    },
  }
}
