import { CodedError, messageOf } from '#pipelines/kernel/errors.ts'
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

/** An id whose records cannot be read is not asked about again for so long. */
const ASKED_EVERY_MS = 500
const MOST_IDS = 1_000

/** What the registry told last of an id that has read nothing yet, and until when it is not asked again. */
interface Told {
  readonly is: Reading | CodedError
  readonly until: number
  /** It was waited for another answer as long as that may be. */
  readonly waitedFor: boolean
}

export function createSchemaTrial({ programs, codec, log, patience }: SchemaTrialOptions): SchemaTrial {
  const verdicts = new WeakMap<RecordRun, { readonly index: number; readonly is: Reading | CodedError }>()
  const told = new Map<number, Told>()

  /** As the registry tells now. @throws CodedError retriable while it is away */
  async function ask(id: number): Promise<Reading | CodedError> {
    let is: Reading | CodedError
    try {
      is = await programs.lookUp(id)
    } catch (error) {
      if (error instanceof CodedError && error.retriable) throw error
      is = error instanceof CodedError ? error : new CodedError('UNEXPECTED', messageOf(error), { cause: error })
    }
    if (told.size >= MOST_IDS) told.clear()
    told.set(id, { is, until: performance.now() + ASKED_EVERY_MS, waitedFor: false })
    return is
  }

  /** What the record is read with, by what was told. Kept for good once it has read one without anything left over; until then it is for this one alone. */
  async function tried(id: number, record: LogRecord, is: Reading | CodedError): Promise<Reading | CodedError> {
    if (is instanceof CodedError) return is
    const said = typeSaid(record)
    if (is.kind === 'refused')
      return said !== undefined && is.error.code === 'EVENT_TYPE_UNKNOWN' ? new TypeDiffers(said, undefined) : is.error
    if (said !== undefined && said !== is.type) return new TypeDiffers(said, is.type)
    const reads = codec.decode(record.value as Buffer).then(
      () => true,
      () => false,
    )
    if (await reads) programs.keep(id, is)
    return is
  }

  async function find(record: LogRecord, over: () => boolean, alive: () => Promise<void>) {
    const id = schemaIdOf(record.value as Buffer)
    const before = told.get(id)
    if (before && before.until > performance.now()) {
      const found = await tried(id, record, before.is)
      if (before.waitedFor || !mayPass(found, id, record)) return found
    }
    for (let attempt = 1; !over(); attempt++) {
      let waitMs = backoffMs(attempt, { capMs: 2_000 })
      try {
        const found = await tried(id, record, await ask(id))
        if (!mayPass(found, id, record)) return found
        waitMs = patience.take(backoffMs(attempt, { baseMs: 50, capMs: 1_000 }))
        const last = told.get(id)
        if (waitMs === 0 && last) told.set(id, { ...last, waitedFor: true })
        if (waitMs === 0) return found
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

function mayPass(found: Reading | CodedError, id: number, record: LogRecord): found is CodedError {
  return found instanceof CodedError && id > 0 && DOUBTFUL.has(found.code) && typeSaid(record) !== undefined
}

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
