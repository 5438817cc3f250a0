import { backoffMs, pause } from '#pipelines/kernel/lifecycle.ts'
import { eventSchemas, eventTypes } from '#schemas/generated/events.ts'
import { RegistryUnavailable } from './errors.ts'
import { subjectOf } from './event-types.ts'
import { type HttpRegistryOptions, httpRegistry } from './http-registry.ts'
import type { Registered, Registry } from './registry.ts'

/** Every stored record stays readable by every version of the code, and the other way round: any part may be deployed first. */
const LEVEL = 'FULL_TRANSITIVE'

export interface RegisteredSubject extends Registered {
  readonly subject: string
  /** Whether this run registered it; false if it was there. */
  readonly created: boolean
}

export type RegisterOptions = (HttpRegistryOptions | { readonly registry: Registry }) & {
  /** How long to wait for a registry that does not answer yet, in milliseconds. Default 30 000. */
  readonly waitMs?: number
}

/**
 * Registers the schema of every event under its subject and sets the compatibility level for all. Doing it again changes nothing.
 * @throws SchemaIncompatible, SchemaInvalid (with the registry's reason), RegistryUnavailable
 */
export async function registerAll(options: RegisterOptions): Promise<readonly RegisteredSubject[]> {
  const registry = 'registry' in options ? options.registry : httpRegistry(options)
  const level = await awaitRegistry(registry, options.waitMs ?? 30_000)
  // The level first: else the first incompatible change could slip in under the registry's default.
  if (level !== LEVEL) await registry.setCompatibility(LEVEL)
  const subjects: RegisteredSubject[] = []
  for (const type of eventTypes) {
    const subject = subjectOf(type)
    const { schema } = eventSchemas[type]
    const known = await registry.find(subject, schema)
    const entry = known ?? (await registry.register(subject, schema))
    subjects.push({ subject, ...entry, created: known === undefined })
  }
  return subjects
}

async function awaitRegistry(registry: Registry, waitMs: number): Promise<string> {
  const end = Date.now() + waitMs
  for (let attempt = 1; ; attempt++) {
    try {
      return await registry.compatibility()
    } catch (error) {
      if (!(error instanceof RegistryUnavailable) || Date.now() >= end) throw error
      await pause(Math.min(backoffMs(attempt, { capMs: 2_000 }), Math.max(0, end - Date.now())))
    }
  }
}
