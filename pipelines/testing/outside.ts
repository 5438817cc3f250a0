import { type TestDatabase, testDatabase } from './database.ts'
import { type MemoryOutside, type MemoryOutsideOptions, memoryOutside } from './memory-outside.ts'

export interface TestOutsideOptions extends MemoryOutsideOptions {
  readonly maxConnections?: number
}

/** The outside of a service in a test: a real PostgreSQL database of its own, a broker and a registry in memory, an issuer. */
export interface TestOutside extends MemoryOutside {
  readonly database: TestDatabase
}

export async function testOutside({ maxConnections = 20, ...rest }: TestOutsideOptions = {}): Promise<TestOutside> {
  const database = await testDatabase({ maxConnections })
  const around = await memoryOutside(database, rest)
  return {
    ...around,
    database,
    async close() {
      await around.close()
      await database.close()
    },
  }
}
