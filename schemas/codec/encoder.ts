import type { EventInput, EventType } from '#schemas/generated/events.ts'
import { NotPrepared } from './errors.ts'
import type { OurTypes } from './event-types.ts'
import { HEADER_BYTES, writeHeader } from './frame.ts'
import { misfitsOf } from './misfits.ts'

const START_BYTES = 16 * 1024

/** Writes events under the schema ids given, checking each value as it is written: one pass, one copy. */
export function encoder(ours: OurTypes, ids: ReadonlyMap<EventType, number>): (event: EventInput) => Buffer {
  let scratch = Buffer.allocUnsafe(START_BYTES)

  return (event) => {
    const id = ids.get(event?.type)
    if (id === undefined) throw new NotPrepared(String(event?.type))
    const avro = ours.of(event.type)
    let end: number
    try {
      end = avro.encode(event, scratch, HEADER_BYTES)
      if (end < 0) {
        // Too small by -end bytes. It stays this large: the next event is likely of that size too.
        scratch = Buffer.allocUnsafe(2 * (scratch.length - end))
        end = avro.encode(event, scratch, HEADER_BYTES)
      }
    } catch (error) {
      throw misfitsOf(event, avro) ?? error
    }
    writeHeader(scratch, id)
    return Buffer.copyBytesFrom(scratch, 0, end)
  }
}
