/** Bytes of a Native block, gathered from pieces: large ones as they are, small ones copied together. */
export class Out {
  readonly chunks: Buffer[] = []
  bytes = 0
  #small = Buffer.allocUnsafe(16 * 1024)
  #from = 0
  #at = 0

  varint(value: number): void {
    this.#room(8)
    let rest = value
    while (rest > 127) {
      this.#small[this.#at++] = (rest & 127) | 128
      rest = Math.floor(rest / 128)
    }
    this.#small[this.#at++] = rest
  }

  text(value: string): void {
    const bytes = Buffer.from(value)
    this.varint(bytes.length)
    this.copy(bytes)
  }

  uint64(value: number): void {
    this.#room(8)
    this.#small.writeUInt32LE(value % 2 ** 32, this.#at)
    this.#small.writeUInt32LE(Math.floor(value / 2 ** 32), this.#at + 4)
    this.#at += 8
  }

  /** Bytes that stay as they are until the block was sent. */
  view(data: Uint8Array): void {
    if (data.length <= 1024) {
      this.copy(data)
      return
    }
    this.#cut()
    this.#push(Buffer.from(data.buffer, data.byteOffset, data.length))
  }

  copy(data: Uint8Array): void {
    if (data.length > 8 * 1024) {
      this.view(Buffer.from(data))
      return
    }
    this.#room(data.length)
    this.#small.set(data, this.#at)
    this.#at += data.length
  }

  /** All of it. Nothing is added after. */
  done(): readonly Buffer[] {
    this.#cut()
    return this.chunks
  }

  #room(bytes: number) {
    if (this.#at + bytes <= this.#small.length) return
    this.#cut()
    this.#small = Buffer.allocUnsafe(16 * 1024)
    this.#from = this.#at = 0
  }

  #cut() {
    if (this.#at === this.#from) return
    this.#push(this.#small.subarray(this.#from, this.#at))
    this.#from = this.#at
  }

  #push(chunk: Buffer) {
    this.chunks.push(chunk)
    this.bytes += chunk.length
  }
}
