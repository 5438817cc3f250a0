import { crc32c } from '@node-rs/crc32'

const HEADER_BYTES = 61

/** Makes record batches (Kafka, magic 2, KIP-98) without an object per record, uncompressed. */
export class BatchBuilder {
  #bytes = Buffer.allocUnsafe(1 << 20)
  #at = HEADER_BYTES
  #count = 0
  #time = 0
  #last = 0

  get count(): number {
    return this.#count
  }

  get bytes(): number {
    return this.#at
  }

  /** `headers` are encoded already, their number first. */
  add(key: Buffer, value: Buffer, headers: Buffer, time: number): void {
    if (this.#count === 0) this.#time = time
    this.#last = time
    const size = key.length + value.length + headers.length + 40
    if (this.#at + size > this.#bytes.length) {
      const larger = Buffer.allocUnsafe(this.#bytes.length * 2)
      this.#bytes.copy(larger, 0, 0, this.#at)
      this.#bytes = larger
    }
    const length =
      1 +
      sizeOf(time - this.#time) +
      sizeOf(this.#count) +
      sizeOf(key.length) +
      key.length +
      sizeOf(value.length) +
      value.length +
      headers.length
    this.#varint(length)
    this.#bytes[this.#at++] = 0
    this.#varint(time - this.#time)
    this.#varint(this.#count++)
    this.#varint(key.length)
    this.#at += key.copy(this.#bytes, this.#at)
    this.#varint(value.length)
    this.#at += value.copy(this.#bytes, this.#at)
    this.#at += headers.copy(this.#bytes, this.#at)
  }

  /** The batch; the builder is empty then. */
  take(): Buffer {
    const bytes = Buffer.from(this.#bytes.subarray(0, this.#at))
    bytes.fill(0, 0, HEADER_BYTES)
    bytes.writeInt32BE(bytes.length - 12, 8)
    bytes.writeInt32BE(-1, 12) // leader epoch
    bytes[16] = 2
    bytes.writeInt32BE(this.#count - 1, 23)
    bytes.writeBigInt64BE(BigInt(this.#time), 27)
    bytes.writeBigInt64BE(BigInt(Math.max(this.#time, this.#last)), 35)
    bytes.writeBigInt64BE(-1n, 43) // no producer id
    bytes.writeInt16BE(-1, 51)
    bytes.writeInt32BE(-1, 53)
    bytes.writeInt32BE(this.#count, 57)
    bytes.writeUInt32BE(crc32c(bytes.subarray(21)), 17)
    this.#at = HEADER_BYTES
    this.#count = 0
    return bytes
  }

  #varint(value: number) {
    let rest = value < 0 ? -value * 2 - 1 : value * 2
    while (rest > 127) {
      this.#bytes[this.#at++] = (rest & 127) | 128
      rest = Math.floor(rest / 128)
    }
    this.#bytes[this.#at++] = rest
  }
}

function sizeOf(value: number): number {
  let size = 1
  for (let rest = value < 0 ? -value * 2 - 1 : value * 2; rest > 127; rest = Math.floor(rest / 128)) size++
  return size
}

/** Headers as they lie in a record: their number, then names and values with lengths. */
export function encodedHeaders(headers: Readonly<Record<string, string>>): Buffer {
  const parts: Buffer[] = [zigzag(Object.keys(headers).length)]
  for (const [name, value] of Object.entries(headers))
    for (const text of [Buffer.from(name), Buffer.from(value)]) parts.push(zigzag(text.length), text)
  return Buffer.concat(parts)
}

function zigzag(value: number): Buffer {
  const bytes: number[] = []
  let rest = value * 2
  for (; rest > 127; rest >>>= 7) bytes.push((rest & 127) | 128)
  return Buffer.from([...bytes, rest])
}
