import { CodedError } from '#pipelines/kernel/errors.ts'
import { backoffMs, pause } from '#pipelines/kernel/lifecycle.ts'
import type { Log } from '#pipelines/kernel/log.ts'
import type { Codec } from '#schemas/codec/codec.ts'
import { schemaIdOf } from '#schemas/codec/frame.ts'
import { eventSchemas } from '#schemas/generated/events.ts'
import type { Programs, Reading } from './decode/programs.ts'
import type { Patience } from './patience.ts'
import type { LogRecord, RecordRun } from './source.ts'

/**
 * What a record is read with whose schema has read none yet. A registry that lags does not know an id that is there, and one that was restored from
 * an old copy gives another schema for it: believed at once and for good, both would be a dead letter for each record until a restart
 * (`pipelines/decisions/a-registry-may-be-wrong.md`).
 */
export interface SchemaTrial {
  /** Holds one record to what the registry says, and waits: while the registry is away for as long as it is; while it seems wrong, a little. */
  hold(run: RecordRun, index: number, over: () => boolean, alive: () => Promise<void>): Promise<void>
  /** What came of it, once, for the record that was held. @throws CodedError why it cannot be read */
  verdict(run: RecordRun, index: number): Reading | undefined
}

export interface SchemaTrialOptions {
  readonly programs: Programs
  readonly codec: Pick<Codec, 'decode'>
  readonly log: Log
  readonly patience: Patience
}

/** What refuses all records of an id is not asked about again for so long. */
const REFUSED_FOR_MS = 500
const MOST_REFUSED = 1_000

export function createSchemaTrial({ programs, codec, log, patience }: SchemaTrialOptions): SchemaTrial {
  const verdicts = new WeakMap<RecordRun, { readonly index: number; readonly is: Reading | CodedError }>()
  const refused = new Map<number, { readonly error: CodedError; readonly until: number }>()

  function refuse(id: number, error: CodedError): CodedError {
    if (refused.size >= MOST_REFUSED) refused.clear()
    refused.set(id, { error, until: performance.now() + REFUSED_FOR_MS })
    return error
  }

  /** @throws CodedError retriable while the registry is away */
  async function ask(id: number, record: LogRecord): Promise<Reading | CodedError> {
    let reading: Reading
    try {
      reading = await programs.lookUp(id)
    } catch (error) {
      if (error instanceof CodedError && !error.retriable) return error
      throw error
    }
    const said = typeSaid(record)
    const type = reading.kind === 'refused' ? undefined : reading.type
    if (
      said !== undefined &&
      said !== type &&
      !(reading.kind === 'refused' && reading.error.code !== 'EVENT_TYPE_UNKNOWN')
    )
      return new TypeDiffers(said, type)
    if (reading.kind === 'refused') return reading.error
    // Kept for good once it has read a record without anything left over; until then it is for this record alone.
    const reads = codec.decode(record.value as Buffer).then(
      () => true,
      () => false,
    )
    if (await reads) programs.keep(id, reading)
    return reading
  }

  async function find(record: LogRecord, over: () => boolean, alive: () => Promise<void>) {
    const id = schemaIdOf(record.value as Buffer)
    const before = refused.get(id)
    if (before && before.until > performance.now()) return before.error
    for (let attempt = 1; !over(); attempt++) {
      let waitMs = backoffMs(attempt, { capMs: 2_000 })
      try {
        const found = await ask(id, record)
        if (!(found instanceof CodedError)) return found
        const mayPass = id > 0 && DOUBTFUL.has(found.code) && typeSaid(record) !== undefined
        waitMs = mayPass ? patience.take(backoffMs(attempt, { baseMs: 50, capMs: 1_000 })) : 0
        if (waitMs === 0) return refuse(id, found)
        log.warn({ err: found, attempt }, 'the registry may be wrong about the schema of a record, asking again')
      } catch (err) {
        log.warn({ err, attempt }, 'the schema of a record cannot be looked up, trying again')
      }
      await pause(waitMs)
      await alive()
    }
    return undefined
  }

  return {
    async hold(run, index, over, alive) {
      const is = await find(run.record(index), over, alive)
      if (is) verdicts.set(run, { index, is })
    },

    verdict(run, index) {
      const found = verdicts.get(run)
      if (found?.index !== index) return undefined
      verdicts.delete(run)
      if (found.is instanceof CodedError) throw found.is
      return found.is
    },
  }
}

/** What a registry that lags or is wrong makes of a good record. */
const DOUBTFUL: ReadonlySet<string> = new Set(['EVENT_SCHEMA_UNKNOWN', 'EVENT_TYPE_DIFFERS'])

/** The event that the record says it is, if it is one of ours. */
function typeSaid({ headers }: LogRecord): string | undefined {
  const said = headers.ce_type === undefined ? undefined : String(headers.ce_type)
  return said !== undefined && said in eventSchemas ? said : undefined
}

/** The schema that the registry gave is of another event than the record says it is. */
class TypeDiffers extends CodedError {
  constructor(said: string, read: string | undefined) {
    super('EVENT_TYPE_DIFFERS', `the record says that it is ${said}, its schema is that of ${read ?? 'something else'}`)
  }
}
