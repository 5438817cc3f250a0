import { quote } from '../engine.ts'

/** Databases of this ending hold the stored tables behind the published views. */
export const STORE_SUFFIX = '_store'

/** Which databases are whose. */
export interface Scope {
  /** Where an analyst's unqualified names are looked up; undefined for the engine's own `default`. */
  readonly home: string | undefined
  /** Whether an analyst may read it. */
  published(database: string): boolean
  /** Whether the ingest may change it: a published database, and what stands beside it under its name. */
  owned(database: string): boolean
  /** A condition in SQL on a column of database names: what an analyst sees of the lists of tables. */
  shown(column: string): string
}

const NEVER_PUBLISHED = /^(system|information_schema|_temporary.*)$/i

/**
 * The scope of a list of database names. `*` publishes every database but those of stored tables, for tests that make their own.
 */
export function scopeOf(names: readonly string[]): Scope {
  const any = names.includes('*')
  const listed = new Set(names.filter((name) => name !== '*'))
  function published(database: string) {
    if (database.endsWith(STORE_SUFFIX) || NEVER_PUBLISHED.test(database)) return false
    return any || listed.has(database)
  }
  return {
    home: [...listed][0],
    published,
    owned: (database) =>
      !NEVER_PUBLISHED.test(database) &&
      (any || [...listed].some((name) => database === name || database.startsWith(`${name}_`))),
    shown: (column) =>
      any
        ? `NOT endsWith(${column}, ${quote(STORE_SUFFIX)})`
        : `${column} IN (${[...listed, 'system', 'information_schema', 'INFORMATION_SCHEMA'].map(quote).join(', ')})`,
  }
}

/** System tables that tools read to draw a list of tables, to complete names, or to tell versions apart. */
export const SYSTEM_TABLES: ReadonlySet<string> = new Set([
  'one',
  'numbers',
  'numbers_mt',
  'zeros',
  'zeros_mt',
  'tables',
  'columns',
  'databases',
  'functions',
  'formats',
  'data_type_families',
  'table_functions',
  'table_engines',
  'aggregate_function_combinators',
  'settings',
  'collations',
  'time_zones',
  'keywords',
])

/** The columns with a database's name in the system tables that list what there is. */
const LISTS: readonly (readonly [table: string, column: string])[] = [
  ['system.tables', 'database'],
  ['system.columns', 'database'],
  ['system.databases', 'name'],
]

/** The setting `additional_table_filters` of an analyst: the embedded engine has no row policies, but filters that a read-only connection cannot take off. */
export function listFilters(scope: Scope): string {
  return `{${LISTS.map(([table, column]) => `${quote(table)}: ${quote(scope.shown(column))}`).join(', ')}}`
}
