import { CodedError } from '#pipelines/kernel/errors.ts'
import { backoffMs, pause } from '#pipelines/kernel/lifecycle.ts'
import type { Log } from '#pipelines/kernel/log.ts'
import { type Codec, createCodec } from '#schemas/codec/codec.ts'
import { schemaIdOf } from '#schemas/codec/frame.ts'
import type { SchemaLookup } from '#schemas/codec/registry.ts'
import type { Batch } from './batch.ts'
import { createPrograms, type Reading } from './decode/programs.ts'
import { REFUSALS } from './decode/source-code.ts'
import { runOfRecords } from './run-of-records.ts'
import type { Place, RecordRun } from './source.ts'

export interface TakingOptions {
  readonly registry: Pick<SchemaLookup, 'schemaOf'>
  readonly now: () => number
  readonly log: Log
  /** A field was kept that our version of the event does not have. */
  readonly unknown: (type: string, field: string, records: number) => void
}

/** Puts records into a batch, whatever they are. */
export interface Taking {
  /**
   * Adds records of a run from `from` on and gives back the first that is still to be added: `run.count` when all are in, or one whose
   * schema must be looked up first.
   */
  fill(batch: Batch, place: Place, run: RecordRun, from: number): number
  /** Looks up the schema of a record, waiting while the registry is away. Resolves early when `over` says so. */
  prepare(run: RecordRun, index: number, over: () => boolean, alive: () => Promise<void>): Promise<void>
}

export function createTaking({ registry, now, log, unknown }: TakingOptions): Taking {
  const programs = createPrograms(registry)
  const codec: Pick<Codec, 'decodeNow' | 'decode'> = createCodec({
    registry: { schemaOf: (id) => registry.schemaOf(id), find: () => Promise.resolve(undefined) },
  })
  /** Ids that the registry does not know, as far as the run at hand is concerned. */
  const missing = new Map<number, CodedError>()

  function dead(batch: Batch, place: Place, run: RecordRun, index: number, error: unknown) {
    log.warn({ err: error, ...place, offset: run.offsets[index] }, 'dead letter')
    batch.dead(place, run, index, error, now())
  }

  /** Why a record of a known schema was refused, in the codec's words. */
  function refusalOf(value: Buffer, refusal: number): CodedError {
    try {
      codec.decodeNow(value)
    } catch (error) {
      if (error instanceof CodedError) return error
    }
    const code = REFUSALS[refusal] ?? 'UNEXPECTED'
    return new CodedError(
      code,
      'a value of the record is outside of what can be stored (a time between 1970 and 2200, a UUID)',
    )
  }

  function one(batch: Batch, place: Place, run: RecordRun, index: number, reading: Reading): number {
    if (reading.kind === 'refused') {
      dead(batch, place, run, index, reading.error)
      return index + 1
    }
    if (reading.kind === 'rewritten') {
      try {
        const record = run.record(index)
        const event = codec.decodeNow(record.value as Buffer)
        if (!event) throw new CodedError('EVENT_NOT_PREPARED', 'the schema of the record was not prepared')
        const rewritten = runOfRecords([{ ...record, value: reading.rewrite(event) }])
        const { next, refusal } = batch.decode(place, reading.program, reading.type, rewritten, 0, now())
        if (next === 0) dead(batch, place, run, index, refusalOf(record.value as Buffer, refusal))
      } catch (error) {
        dead(batch, place, run, index, error)
      }
      return index + 1
    }
    const { program, type, unknownOf } = reading
    const { next, row, refusal } = batch.decode(place, program, type, run, index, now())
    if (program.unknown.length > 0 && next > index) {
      for (let i = index; i < next; i++) batch.unknown(place, row - (next - i), unknownOf(bytesOf(run, i)))
      for (const field of program.unknown) unknown(type, field, next - index)
    }
    if (refusal === 0 && next > index) return next
    dead(batch, place, run, next, refusalOf(bytesOf(run, next), refusal))
    return next + 1
  }

  return {
    fill(batch, place, run, from) {
      let i = from
      while (i < run.count) {
        let reading: Reading | undefined
        let id = 0
        try {
          if (run.ends[i] === -1) throw new CodedError('EVENT_EMPTY', 'the record has no value')
          id = schemaIdOf(bytesOf(run, i))
          reading = programs.of(id)
          if (!reading && missing.has(id)) {
            const error = missing.get(id)
            missing.delete(id)
            throw error
          }
        } catch (error) {
          dead(batch, place, run, i++, error)
          continue
        }
        if (!reading) return i
        i = one(batch, place, run, i, reading)
      }
      return i
    },

    async prepare(run, index, over, alive) {
      const value = run.record(index).value as Buffer
      const id = schemaIdOf(value)
      for (let attempt = 1; !over(); attempt++) {
        try {
          await programs.lookUp(id)
          await codec.decode(value).catch(() => {}) // so that it is at hand when a record is refused
          return
        } catch (err) {
          if (!(err instanceof CodedError && err.retriable)) {
            missing.set(id, err as CodedError)
            return
          }
          log.warn({ err, attempt }, 'the schema of a record cannot be looked up, trying again')
        }
        await pause(backoffMs(attempt, { capMs: 2_000 }))
        await alive()
      }
    },
  }
}

function bytesOf(run: RecordRun, index: number): Buffer {
  return run.bytes.subarray(run.starts[index] as number, run.ends[index] as number)
}
