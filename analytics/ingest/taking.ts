import { CodedError } from '#pipelines/kernel/errors.ts'
import type { Log } from '#pipelines/kernel/log.ts'
import { type Codec, createCodec } from '#schemas/codec/codec.ts'
import { schemaIdOf } from '#schemas/codec/frame.ts'
import type { SchemaLookup } from '#schemas/codec/registry.ts'
import type { Batch } from './batch.ts'
import { createPrograms, type Reading } from './decode/programs.ts'
import { REFUSALS } from './decode/source-code.ts'
import { createPatience, type PatienceOptions } from './patience.ts'
import { runOfRecords } from './run-of-records.ts'
import { createSchemaTrial } from './schema-trial.ts'
import type { Place, RecordRun } from './source.ts'

export interface TakingOptions {
  readonly registry: Pick<SchemaLookup, 'schemaOf'>
  readonly now: () => number
  readonly log: Log
  /** A field was kept that our version of the event does not have. */
  readonly unknown: (type: string, field: string, records: number) => void
  /** How long records may be held up by a registry that seems to be wrong about one. */
  readonly patience?: PatienceOptions
}

/** Puts records into a batch, whatever they are. */
export interface Taking {
  /**
   * Adds records of a run from `from` on and gives back the first that is still to be added: `run.count` when all are in, or one whose
   * schema must be looked up first.
   */
  fill(batch: Batch, place: Place, run: RecordRun, from: number): number
  /** Finds out what a record is read with, waiting while the registry is away. Resolves early when `over` says so. */
  prepare(run: RecordRun, index: number, over: () => boolean, alive: () => Promise<void>): Promise<void>
}

export function createTaking({ registry, now, log, unknown, patience }: TakingOptions): Taking {
  const programs = createPrograms(registry)
  const codec: Pick<Codec, 'decodeNow' | 'decode'> = createCodec({
    registry: { schemaOf: async (id) => programs.schemaOf(id), find: () => Promise.resolve(undefined) },
  })
  const trial = createSchemaTrial({ programs, codec, log, patience: createPatience(patience) })

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
        try {
          if (run.ends[i] === -1) throw new CodedError('EVENT_EMPTY', 'the record has no value')
          reading = programs.of(schemaIdOf(bytesOf(run, i))) ?? trial.verdict(run, i)
        } catch (error) {
          dead(batch, place, run, i++, error)
          continue
        }
        if (!reading) return i
        i = one(batch, place, run, i, reading)
      }
      return i
    },

    prepare: (run, index, over, alive) => trial.hold(run, index, over, alive),
  }
}

function bytesOf(run: RecordRun, index: number): Buffer {
  return run.bytes.subarray(run.starts[index] as number, run.ends[index] as number)
}
