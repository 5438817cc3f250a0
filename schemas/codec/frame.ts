import { NotFramed, Truncated } from './errors.ts'

/** Confluent framing: a 0 byte, the schema's id as a big-endian int32, then Avro binary. */
export const HEADER_BYTES = 5

export function writeHeader(target: Buffer, schemaId: number): void {
  target[0] = 0
  target.writeInt32BE(schemaId, 1)
}

/**
 * The id of the schema a record was written with.
 * @throws NotFramed, Truncated
 */
export function schemaIdOf(bytes: Buffer): number {
  if (bytes[0] !== 0) throw new NotFramed(bytes.length, bytes[0])
  if (bytes.length < HEADER_BYTES) throw new Truncated({ length: bytes.length })
  return bytes.readInt32BE(1)
}
