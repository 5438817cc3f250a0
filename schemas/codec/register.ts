import { readFileSync } from 'node:fs'
import { backoffMs, pause } from '#pipelines/kernel/lifecycle.ts'
import { eventSchemas, eventTypes } from '#schemas/generated/events.ts'
import { RegistryUnavailable } from './errors.ts'
import { subjectOf } from './event-types.ts'
import { type HttpRegistryOptions, httpRegistry } from './http-registry.ts'
import type { CompatibilityLevel, Registered, Registry } from './registry.ts'

/** The checker's config: what it checks by is what the registry refuses by. */
const CONFIG = new URL('../schema-check.json', import.meta.url)

export interface RegisteredSubject extends Registered {
  readonly subject: string
  /** Whether this run registered it; false if it was there. */
  readonly created: boolean
}

export type LevelOf = (subject: string, file: string) => CompatibilityLevel

export type RegisterOptions = (HttpRegistryOptions | { readonly registry: Registry }) & {
  /** How long to wait for a registry that does not answer yet, in milliseconds. Default 30 000. */
  readonly waitMs?: number
  /** The level of all subjects that have none of their own. Default: the mode in `schemas/schema-check.json`. */
  readonly level?: CompatibilityLevel
  /** The level of one subject, whose file has a place below `schemas`. Default: that of all. */
  readonly levelOf?: LevelOf
}

/**
 * Registers the schema of every event under its subject, and sets the compatibility levels. Doing it again changes nothing.
 * @throws SchemaIncompatible, SchemaInvalid (with the registry's reason), RegistryUnavailable
 */
export async function registerAll(options: RegisterOptions): Promise<readonly RegisteredSubject[]> {
  const registry = 'registry' in options ? options.registry : httpRegistry(options)
  const wanted = options.level ?? levelInConfig()
  const level = await awaitRegistry(registry, options.waitMs ?? 30_000)
  // The levels first: else the first incompatible change could slip in under the registry's default.
  if (level !== wanted) await registry.setCompatibility(wanted)
  const subjects: RegisteredSubject[] = []
  for (const type of eventTypes) {
    const subject = subjectOf(type)
    const { schema, topic } = eventSchemas[type]
    const own = options.levelOf?.(subject, `events/${topic}/${type}.avsc`) ?? wanted
    if (own !== wanted) await registry.setCompatibility(own, subject)
    const known = await registry.find(subject, schema)
    const entry = known ?? (await registry.register(subject, schema))
    subjects.push({ subject, ...entry, created: known === undefined })
  }
  return subjects
}

function levelInConfig(): CompatibilityLevel {
  return (JSON.parse(readFileSync(CONFIG, 'utf8')) as { readonly mode: CompatibilityLevel }).mode
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
