import { COPY_MS, type Model, type ModelEvent, readTime, writeTime } from './workload.ts'

const HEX = Buffer.from('0123456789abcdef')
const DASHES = new Set([8, 13, 18, 23])

/** One order of the workload: which model, which copy of it, and its ids. */
export class Copy {
  readonly model: Model
  readonly number: number
  readonly #ids: readonly Buffer[]

  constructor(model: Model, number: number) {
    this.model = model
    this.number = number
    this.#ids = model.ids.map((id) => idOfCopy(id, number))
  }

  get orderId(): string {
    return String(this.#ids[0])
  }

  get key(): Buffer {
    return this.#ids[0] as Buffer
  }

  /** The event's value as this copy has it, in memory of its own. */
  value(event: ModelEvent, version: number): Buffer {
    const value = Buffer.from(event.values[version] as Buffer)
    for (const { at, id } of event.ids[version] ?? []) (this.#ids[id] as Buffer).copy(value, at)
    for (const at of event.times[version] ?? []) writeTime(value, at, readTime(value, at) + this.number * COPY_MS)
    return value
  }

  headers(event: ModelEvent): Buffer {
    const headers = Buffer.from(event.headers)
    for (const { at, id } of event.headerIds) (this.#ids[id] as Buffer).copy(headers, at)
    return headers
  }
}

/** Another id for each copy, every digit of it mixed. */
export function idOfCopy(id: string, copy: number): Buffer {
  const bytes = Buffer.from(id)
  let a = Math.imul(copy + 1, 0x9e3779b1)
  for (let i = 0; i < 36; i++) {
    if (DASHES.has(i)) continue
    a = Math.imul(a ^ (a >>> 15) ^ (bytes[i] as number) ^ i, 0x85ebca6b)
    bytes[i] = HEX[(a >>> 24) & 15] as number
  }
  return bytes
}
