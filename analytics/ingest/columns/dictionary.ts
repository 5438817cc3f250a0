/** Text of few different values as numbers. 0 stands for the empty text, or for NULL where there is NULL. */
export class Dictionary {
  readonly nullable: boolean
  count = 1
  /** Changes when numbers get a new meaning. */
  version = 0
  /** All values, each as its length and bytes, the one of 0 (empty) first. */
  keys: Buffer = Buffer.alloc(1024)
  end = 1
  #starts = new Int32Array(256)
  #lengths = new Int32Array(256)
  #table = new Int32Array(1024)

  constructor(nullable: boolean) {
    this.nullable = nullable
  }

  /** The number of a value, a new one for a new value. */
  id(from: Uint8Array, start: number, length: number): number {
    if (length === 0 && !this.nullable) return 0
    let hash = length
    for (let i = 0; i < length; i++) hash = Math.imul(hash, 31) + (from[start + i] as number)
    hash ^= hash >>> 15
    const mask = this.#table.length - 1
    for (let at = hash & mask; ; at = (at + 1) & mask) {
      const id = this.#table[at] as number
      if (id === 0) return this.#add(from, start, length, at)
      if (this.#lengths[id] === length && this.#equals(id, from, start, length)) return id
    }
  }

  idOf(text: string): number {
    const bytes = Buffer.from(text)
    return this.id(bytes, 0, bytes.length)
  }

  /** The bytes of a value. */
  bytesOf(id: number): Buffer {
    const start = this.#starts[id] as number
    return this.keys.subarray(start, start + (this.#lengths[id] as number))
  }

  /** The greater of two numbers' values, bytewise, as ClickHouse's max has it. */
  greater(a: number, b: number): number {
    return this.bytesOf(a).compare(this.bytesOf(b)) >= 0 ? a : b
  }

  /** Forgets the values when they have become many, so that a block does not carry those of all that were before it. */
  trim(most: number): void {
    if (this.count <= most) return
    this.count = 1
    this.end = 1
    this.version++
    this.#table.fill(0)
  }

  #equals(id: number, from: Uint8Array, start: number, length: number): boolean {
    const own = this.#starts[id] as number
    for (let i = 0; i < length; i++) if (this.keys[own + i] !== from[start + i]) return false
    return true
  }

  #add(from: Uint8Array, start: number, length: number, at: number): number {
    if (this.end + length + 5 > this.keys.length) {
      const larger = Buffer.alloc(Math.max(this.keys.length * 2, this.end + length + 5))
      this.keys.copy(larger, 0, 0, this.end)
      this.keys = larger
    }
    const id = this.count++
    let rest = length
    while (rest > 127) {
      this.keys[this.end++] = (rest & 127) | 128
      rest >>>= 7
    }
    this.keys[this.end++] = rest
    if (id >= this.#starts.length) {
      this.#starts = grown(this.#starts)
      this.#lengths = grown(this.#lengths)
    }
    this.#starts[id] = this.end
    this.#lengths[id] = length
    this.keys.set(from.subarray(start, start + length), this.end)
    this.end += length
    this.#table[at] = id
    if (this.count * 2 > this.#table.length) this.#rehash()
    return id
  }

  #rehash() {
    this.#table = new Int32Array(this.#table.length * 2)
    const mask = this.#table.length - 1
    for (let id = 1; id < this.count; id++) {
      const bytes = this.bytesOf(id)
      let hash = bytes.length
      for (const byte of bytes) hash = Math.imul(hash, 31) + byte
      hash ^= hash >>> 15
      let at = hash & mask
      while (this.#table[at] !== 0) at = (at + 1) & mask
      this.#table[at] = id
    }
  }
}

function grown(array: Int32Array<ArrayBuffer>): Int32Array<ArrayBuffer> {
  const larger = new Int32Array(array.length * 2)
  larger.set(array)
  return larger
}
