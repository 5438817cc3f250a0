import type { Role } from '../access.ts'
import type { Engine } from '../engine.ts'
import { checkAnalyst } from './analyst.ts'
import { type FunctionCatalog, readFunctions } from './functions.ts'
import { checkIngest } from './ingest.ts'
import type { Scope } from './scope.ts'
import { parse } from './tree.ts'

/** A statement with all that its meaning depends on. */
export interface Guarded {
  readonly role: Role
  readonly sql: string
  /** Where unqualified names are looked up. */
  readonly database: string
  readonly parameters: ReadonlyMap<string, string>
  /** Sets a connection up with the parameters. */
  readonly prelude: string
}

export interface Guard {
  /**
   * Lets a statement pass that its role may run. Admins may run all.
   * @throws ServerError `ACCESS_DENIED`, or whatever the parser found
   */
  check(statement: Guarded): Promise<void>
}

/** Statements whose verdict is remembered; panels and the ingest send the same ones over and over. */
const REMEMBERED = 500
/** After it a verdict is asked for anew, as databases come and go. Milliseconds. */
const VALID_MS = 5_000

export async function createGuard(engine: Engine, scope: Scope): Promise<Guard> {
  const functions: FunctionCatalog = await readFunctions(engine)
  const passed = new Map<string, number>()
  let databases: { readonly names: ReadonlySet<string>; readonly at: number } | undefined

  async function databaseNames() {
    if (databases && performance.now() - databases.at < VALID_MS) return databases.names
    const at = performance.now()
    const { bytes } = await engine.run({
      prelude: '',
      sql: 'SELECT name FROM system.databases',
      format: 'JSONStringsEachRow',
    })
    const lines = bytes.toString().split('\n').filter(Boolean)
    const names = new Set(lines.map((line) => (JSON.parse(line) as { name: string }).name))
    databases = { names, at }
    return names
  }

  function remember(key: string) {
    passed.delete(key)
    passed.set(key, performance.now())
    const [oldest] = passed.keys()
    if (passed.size > REMEMBERED && oldest !== undefined) passed.delete(oldest)
  }

  return {
    async check({ role, sql, database, parameters, prelude }) {
      if (role === 'admin') return
      const key = JSON.stringify([role, database, sql, ...parameters])
      const at = passed.get(key)
      if (at !== undefined && performance.now() - at < VALID_MS) return
      const around = { functions, scope, database, databases: await databaseNames() }
      const parsed = await parse(engine, sql, prelude)
      if (role === 'analyst') checkAnalyst(parsed, around)
      else checkIngest(parsed, around)
      if (key.length < 20_000) remember(key)
    },
  }
}
