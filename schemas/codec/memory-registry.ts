import { SchemaIncompatible } from './errors.ts'
import type { CompatibilityLevel, Registered, Registry } from './registry.ts'

export interface MemoryRegistryOptions {
  /** Says why a schema may not follow the others of its subject; nothing if it may. Default: all may. */
  readonly refuse?: (subject: string, schema: string) => string | undefined
}

/** A registry within the process, for tests and tools that run without one. It gives ids from 1 and checks no compatibility itself. */
export function memoryRegistry({ refuse = () => undefined }: MemoryRegistryOptions = {}): Registry {
  const schemas: string[] = []
  const subjects = new Map<string, string[]>()
  let level: CompatibilityLevel = 'BACKWARD'

  function found(subject: string, schema: string): Registered | undefined {
    const version = (subjects.get(subject) ?? []).indexOf(schema) + 1
    return version === 0 ? undefined : { id: schemas.indexOf(schema) + 1, version }
  }

  return {
    find: async (subject, schema) => found(subject, schema),
    schemaOf: async (id) => schemas[id - 1],
    async register(subject, schema) {
      const reason = refuse(subject, schema)
      if (reason !== undefined) throw new SchemaIncompatible({ subject, reason })
      const versions = subjects.get(subject) ?? []
      if (!versions.includes(schema)) subjects.set(subject, [...versions, schema])
      if (!schemas.includes(schema)) schemas.push(schema)
      return found(subject, schema) as Registered
    },
    compatibility: async () => level,
    async setCompatibility(next, subject) {
      if (subject === undefined) level = next
    },
  }
}
