/** Numbers orders by their id as they come: 0, 1, 2 … An open-addressing hash table over the four words of the id. */
export class OrderIndex {
  count = 0
  /** Four words for each order. */
  ids = new Int32Array(4 * 256)
  #table = new Int32Array(1024)

  /** The order's number, a new one for an order not seen. */
  slot(a: number, b: number, c: number, d: number): number {
    const mask = this.#table.length - 1
    for (let at = hash(a, b, c, d) & mask; ; at = (at + 1) & mask) {
      const slot = (this.#table[at] as number) - 1
      if (slot < 0) {
        const fresh = this.extra(a, b, c, d)
        this.#table[at] = fresh + 1
        if (this.count * 2 > this.#table.length) this.#rehash()
        return fresh
      }
      const i = slot * 4
      const { ids } = this
      if (ids[i] === a && ids[i + 1] === b && ids[i + 2] === c && ids[i + 3] === d) return slot
    }
  }

  /** Another row for an order that has one: the database folds them. */
  extra(a: number, b: number, c: number, d: number): number {
    const slot = this.count++
    if (this.count * 4 > this.ids.length) {
      const larger = new Int32Array(this.ids.length * 2)
      larger.set(this.ids)
      this.ids = larger
    }
    const i = slot * 4
    this.ids[i] = a
    this.ids[i + 1] = b
    this.ids[i + 2] = c
    this.ids[i + 3] = d
    return slot
  }

  clear(): void {
    this.count = 0
    this.#table.fill(0)
  }

  #rehash() {
    // Rows that are extra come in too, but behind the first of their order: never found.
    this.#table = new Int32Array(this.#table.length * 2)
    const mask = this.#table.length - 1
    for (let slot = 0; slot < this.count; slot++) {
      const i = slot * 4
      const [a, b, c, d] = this.ids.subarray(i, i + 4) as unknown as [number, number, number, number]
      let at = hash(a, b, c, d) & mask
      while (this.#table[at] !== 0) at = (at + 1) & mask
      this.#table[at] = slot + 1
    }
  }
}

function hash(a: number, b: number, c: number, d: number): number {
  let h = Math.imul(a ^ (b >>> 3), 0x9e3779b1) ^ Math.imul(c ^ (d >>> 5), 0x85ebca6b)
  h = Math.imul(h ^ (h >>> 16) ^ d, 0xc2b2ae35)
  return h ^ (h >>> 15)
}
