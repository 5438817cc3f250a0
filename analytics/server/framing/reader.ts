/** Takes a stream apart by numbers of bytes. */
export interface ByteReader {
  /** Whether nothing is left. */
  atEnd(): Promise<boolean>
  /** The next bytes, exactly so many; throws what it was given when there are fewer. */
  take(bytes: number): Promise<Buffer>
}

export function byteReader(source: AsyncIterable<Uint8Array>, broken: () => Error): ByteReader {
  const iterator = source[Symbol.asyncIterator]()
  let buffered: Buffer = Buffer.alloc(0)

  async function fill(bytes: number): Promise<boolean> {
    if (buffered.length >= bytes) return true
    const chunks = [buffered]
    let total = buffered.length
    while (total < bytes) {
      const next = await iterator.next()
      if (next.done) break
      chunks.push(Buffer.from(next.value.buffer, next.value.byteOffset, next.value.byteLength))
      total += next.value.length
    }
    buffered = chunks.length === 1 ? buffered : Buffer.concat(chunks)
    return total >= bytes
  }

  return {
    atEnd: async () => !(await fill(1)),
    async take(bytes) {
      if (!(await fill(bytes))) throw broken()
      const taken = buffered.subarray(0, bytes)
      buffered = buffered.subarray(bytes)
      return taken
    },
  }
}
