import avro from 'avsc'
import { CodedError } from '#pipelines/kernel/errors.ts'

/** Reads a framed value with the very schema it was written with, asked of the registry by its id. No alias, no resolution, no mercy. */
export interface Reader {
  /** @throws CodedError `REGISTRY_AWAY` when it cannot say what the schema is; whatever else is thrown means that the bytes are unreadable */
  read(bytes: Buffer): Promise<{ type: string; value: Record<string, unknown> }>
}

const FRAME_BYTES = 5

export function avroReader(registryUrl: string): Reader {
  const types = new Map<number, Promise<avro.Type>>()

  function typeOf(id: number): Promise<avro.Type> {
    const known = types.get(id) ?? schemaOf(registryUrl, id).then((schema) => avro.Type.forSchema(schema))
    types.set(id, known)
    known.catch(() => types.delete(id)) // an absent registry is asked again
    return known
  }

  return {
    async read(bytes) {
      if (bytes.length < FRAME_BYTES || bytes[0] !== 0) throw new CodedError('NOT_FRAMED', 'no Confluent frame')
      const type = await typeOf(bytes.readInt32BE(1))
      const value = type.fromBuffer(bytes.subarray(FRAME_BYTES)) as Record<string, unknown>
      return { type: type.name?.split('.').at(-1) ?? 'unnamed', value: { ...value } }
    },
  }
}

async function schemaOf(registryUrl: string, id: number): Promise<avro.Schema> {
  const answer = await fetch(`${registryUrl}/schemas/ids/${id}`).catch(() => undefined)
  // Only a 404 means that there is no such schema: a registry whose own database is away says 500, and no record is to blame.
  if (!answer || answer.status >= 500)
    throw new CodedError('REGISTRY_AWAY', `the registry: ${answer?.status ?? 'away'}`)
  if (!answer.ok) throw new CodedError('NO_SCHEMA', `the registry knows no schema ${id} (${answer.status})`)
  const { schema } = (await answer.json()) as { schema: string }
  return JSON.parse(schema) as avro.Schema
}
