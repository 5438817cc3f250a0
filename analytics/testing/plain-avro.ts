import avro from 'avsc'
import { type EventType, eventSchemas, eventTypes, type ShopEvent } from '#schemas/generated/events.ts'

/** What avsc alone makes of a record's value. */
export type PlainReading =
  | {
      readonly event: ShopEvent
      /** Fields of the writer that our version does not have, without the sensitive ones. */
      readonly unknown: Readonly<Record<string, unknown>>
    }
  /** Why nothing can be made of it. */
  | { readonly unreadable: string }

interface Written {
  readonly fields: readonly { readonly name: string; readonly 'x-sensitive'?: boolean }[]
}

const FRAME_BYTES = 5

/** Reads values with avsc and the registry's REST alone: neither our codec nor our compiled decoders. */
export function plainAvro(registryUrl: string) {
  const writers = new Map<number, ReturnType<typeof load>>()
  const ours = new Map(
    eventTypes.map((type) => [type as string, avro.Type.forSchema(JSON.parse(eventSchemas[type].schema))]),
  )

  async function load(id: number) {
    const answer = await fetch(`${registryUrl}/schemas/ids/${id}`)
    if (answer.status === 404) return undefined
    if (!answer.ok) throw new TypeError(`the registry answers ${answer.status}`)
    const schema = JSON.parse(((await answer.json()) as { schema: string }).schema) as avro.Schema & Written
    const writer = avro.Type.forSchema(schema)
    const type = (writer.name ?? '').split('.').at(-1) as EventType
    const reader = ours.get(type)
    if (!reader) return undefined
    const known = new Set((JSON.parse(eventSchemas[type].schema) as Written).fields.map(({ name }) => name))
    const added = schema.fields.filter(({ name, 'x-sensitive': secret }) => !known.has(name) && !secret)
    return {
      type,
      reader,
      writer,
      resolver: reader.createResolver(writer, { ignoreNamespaces: true } as object),
      added: added.map(({ name }) => name),
    }
  }

  return {
    async read(value: Buffer | null): Promise<PlainReading> {
      if (value === null || value.length < FRAME_BYTES || value[0] !== 0) return { unreadable: 'not framed' }
      const id = value.readInt32BE(1)
      if (id < 1) return { unreadable: 'no schema id' }
      if (!writers.has(id)) writers.set(id, load(id))
      const found = await writers.get(id)
      if (!found) return { unreadable: 'no schema of ours' }
      const body = value.subarray(FRAME_BYTES)
      try {
        const record = { ...(found.reader.fromBuffer(body, found.resolver) as object) }
        const written = found.added.length > 0 ? (found.writer.fromBuffer(body) as Record<string, unknown>) : {}
        const unknown = Object.fromEntries(found.added.map((name) => [name, written[name]]))
        return { event: { type: found.type, ...record } as ShopEvent, unknown }
      } catch (error) {
        return { unreadable: String(error) }
      }
    },
  }
}
