/**
 * Runs work in lanes: one after the other within a lane, lanes side by side. A lane exists while it has work.
 */
export interface Lanes<T> {
  add(lane: string, item: T): void
  /** Work that is not finished, waiting included. */
  readonly size: number
}

export function createLanes<T>(work: (item: T) => Promise<void>): Lanes<T> {
  const lanes = new Map<string, T[]>()
  let size = 0

  async function run(name: string, items: T[]) {
    for (let item = items[0]; item !== undefined; item = items[0]) {
      await work(item)
      items.shift()
      size -= 1
    }
    lanes.delete(name)
  }

  return {
    add(name, item) {
      size += 1
      const items = lanes.get(name)
      if (items) {
        items.push(item)
        return
      }
      const fresh = [item]
      lanes.set(name, fresh)
      void run(name, fresh)
    },
    get size() {
      return size
    },
  }
}
