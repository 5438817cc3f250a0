import { PARTITIONS } from '#pipelines/flow/map.ts'
import type { OutgoingRecord, Send } from '#pipelines/outbox/types.ts'
import type { Binder } from './binders/types.ts'

const SEED = 0x9747b28c | 0
const MULTIPLIER = 0x5bd1e995
const SHIFT = 24

/** MurmurHash2, 32 bit, with the seed and the signed arithmetic of Kafka's Java client (org.apache.kafka.common.utils.Utils). */
export function murmur2(bytes: Uint8Array): number {
  const { length } = bytes
  const view = new DataView(bytes.buffer, bytes.byteOffset, length)
  let hash = SEED ^ length
  const words = length >>> 2
  for (let word = 0; word < words; word++) {
    let mixed = Math.imul(view.getInt32(word << 2, true), MULTIPLIER)
    mixed ^= mixed >>> SHIFT
    hash = Math.imul(hash, MULTIPLIER) ^ Math.imul(mixed, MULTIPLIER)
  }
  const rest = words << 2
  const left = length - rest
  if (left > 0) {
    for (let i = left - 1; i >= 0; i--) hash ^= view.getUint8(rest + i) << (8 * i)
    hash = Math.imul(hash, MULTIPLIER)
  }
  hash ^= hash >>> 13
  hash = Math.imul(hash, MULTIPLIER)
  return hash ^ (hash >>> 15)
}

/** The partition of a key, as the Java client's default partitioner picks it: other tools that produce a key find the same one. */
export function partitionOf(key: string, partitions: number): number {
  return (murmur2(Buffer.from(key)) & 0x7fffffff) % partitions
}

/** Gives records to a binder with their partitions computed: what an outbox relay sends through. */
export function sendThrough(binder: Pick<Binder, 'produce'>, partitions: number = PARTITIONS): Send {
  return (records: readonly OutgoingRecord[]) =>
    binder.produce(records.map((record) => ({ ...record, partition: partitionOf(record.key, partitions) })))
}
