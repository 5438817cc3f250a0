import { accessDenied, unknownFunction } from '../errors.ts'
import type { Token } from '../lexer.ts'
import type { FunctionCatalog } from './functions.ts'
import { type Scope, STORE_SUFFIX, SYSTEM_TABLES } from './scope.ts'
import type { Node, Parsed } from './tree.ts'

const SELECTS = /^(SelectWithUnionQuery|SelectIntersectExceptQuery|SelectQuery)$/
const SHOWS = /^(ShowTables|ShowColumns|ShowFunctions|ShowSetting)$/
const OF_A_TABLE =
  /^(ShowCreateTableQuery|ShowCreateViewQuery|ShowCreateDatabaseQuery|ExistsTableQuery|ExistsViewQuery|ExistsDatabaseQuery)$/
const SHOWN =
  /^SHOW (CREATE|TABLES|DATABASES|COLUMNS|FIELDS|INDEX|INDEXES|INDICES|KEYS|FUNCTIONS|SETTING|SETTINGS|CHANGED|FULL|EXTENDED)\b/i
const EXPLAINS = /^EXPLAIN( AST| SYNTAX| QUERY TREE| PLAN| PIPELINE| ESTIMATE)?$/
export const TABLE_FUNCTIONS: ReadonlySet<string> = new Set([
  'numbers',
  'numbers_mt',
  'zeros',
  'zeros_mt',
  'primes',
  'generate_series',
  'generateSeries',
  'values',
  'SQLStandardValues',
  'view',
  'null',
])

/** What the guard knows of the engine and of the request. */
export interface Surroundings {
  readonly functions: FunctionCatalog
  readonly scope: Scope
  /** The databases there are. */
  readonly databases: ReadonlySet<string>
  /** Where unqualified names are looked up. */
  readonly database: string
}

/**
 * Lets pass what only reads published tables. The embedded engine has no users, and its `readonly` alone leaves INTO OUTFILE, file() and
 * KILL open and can be switched off.
 * @throws ServerError `ACCESS_DENIED`
 */
export function checkAnalyst({ root, nodes, tokens }: Parsed, around: Surroundings): void {
  checkRoot(root, nodes, tokens)
  if (!readable(around.database, around)) throw notPublished(around.database)
  let applies = 0
  nodes.forEach((node, at) => {
    const parent = nodes[at - 1]
    switch (node.kind) {
      case 'Set':
        if (!isExplainOption(at, nodes, tokens))
          throw accessDenied('give settings in the URL, not in a SETTINGS clause')
        break
      case 'TableIdentifier':
        checkName(node.name, around)
        break
      case 'Identifier':
        checkIdentifier(node.name, around)
        break
      case 'Function':
        checkFunction(node, parent, around)
        break
      case 'ColumnsApplyTransformer':
        applies++
        break
    }
  })
  checkApplied(tokens, applies, around.functions)
  checkQualified(tokens, around)
}

function checkRoot(root: string, nodes: readonly Node[], tokens: readonly Token[]) {
  const spelled = tokens
    .slice(0, 3)
    .map(({ text }) => text)
    .join(' ')
  if (SELECTS.test(root) || root === 'DescribeQuery') return
  if (root === 'Explain') {
    if (!EXPLAINS.test(nodes[0]?.name ?? '')) throw accessDenied(`${nodes[0]?.name} is not for analysts`)
    if (!nodes.some(({ depth, kind }) => depth === 1 && SELECTS.test(kind)))
      throw accessDenied('analysts may only explain SELECT')
    return
  }
  if (SHOWS.test(root) || OF_A_TABLE.test(root)) {
    if (SHOWS.test(root) && !SHOWN.test(spelled)) throw accessDenied(`${spelled} is not for analysts`)
    // The parser's tree does not show these conditions, so they are not looked at.
    if (tokens.some(({ text }) => /^(WHERE|LIMIT)$/i.test(text)))
      throw accessDenied('SHOW takes LIKE here; for conditions, SELECT from system.tables or system.columns')
    return
  }
  throw accessDenied('analysts may only read: SELECT, SHOW, DESCRIBE, EXPLAIN, EXISTS')
}

/** `EXPLAIN indexes = 1 SELECT …`: the options of EXPLAIN, where no settings follow. */
function isExplainOption(at: number, nodes: readonly Node[], tokens: readonly Token[]): boolean {
  return at === 1 && nodes[0]?.kind === 'Explain' && !tokens.some(({ text }) => /^SETTINGS$/i.test(text))
}

function checkFunction(node: Node, parent: Node | undefined, around: Surroundings) {
  const [name = ''] = node.name.split(/\s/, 1) // an alias with a line break in it is not part of the name
  const isTable = parent?.kind === 'TableExpression' && parent.depth === node.depth - 1
  const allowed = isTable
    ? TABLE_FUNCTIONS.has(name) || isViewWithParameters(name, around)
    : around.functions.allows(name)
  if (allowed) return
  if (isTable || around.functions.knows(name)) throw accessDenied(`${name}() is not for analysts`)
  throw unknownFunction(
    `Function with name \`${name}\` does not exist. SELECT name FROM system.functions tells which do`,
  )
}

/** `orders_since(since = …)`: the engine calls a published view what is none of its own table functions, which have no dot in their names. */
export function isViewWithParameters(name: string, { functions, scope, database }: Surroundings): boolean {
  const dot = name.indexOf('.')
  if (dot > 0) return scope.published(name.slice(0, dot))
  return !functions.knowsTable(name) && scope.published(database)
}

/** `* APPLY name`: the tree does not show what is applied, the text does. */
function checkApplied(tokens: readonly Token[], applies: number, functions: FunctionCatalog) {
  let seen = 0
  tokens.forEach(({ text }, at) => {
    if (text !== 'APPLY') return
    const name = tokens[at + 1]?.text ?? ''
    if (tokens[at + 2]?.text === '-' || !/^\w+$/.test(name) || !functions.allows(name))
      throw accessDenied('APPLY takes the name of a function here, no lambda')
    seen++
  })
  if (seen !== applies) throw accessDenied('APPLY is written in a way that cannot be looked at')
}

/** Every `database.` in the text, wherever the tree may hide it. */
function checkQualified(tokens: readonly Token[], around: Surroundings) {
  tokens.forEach(({ text }, at) => {
    if (tokens[at + 1]?.text !== '.' || tokens[at - 1]?.text === '.') return
    const database = unquoted(text)
    const table = unquoted(tokens[at + 2]?.text ?? '')
    if (around.databases.has(database)) checkTable(database, table, around)
  })
}

export function unquoted(text: string): string {
  return /^[`"]/.test(text) ? text.slice(1, -1).replace(/\\(.)/g, '$1').replaceAll('``', '`') : text
}

function checkName(name: string, around: Surroundings) {
  const dot = name.indexOf('.')
  if (dot > 0) checkTable(name.slice(0, dot), name.slice(dot + 1), around)
}

/** `x IN store.table` shows as a plain identifier; so does a column of a tuple. */
function checkIdentifier(name: string, around: Surroundings) {
  const [database = ''] = name.split('.', 1)
  if (database.endsWith(STORE_SUFFIX) && around.databases.has(database)) throw notPublished(name)
  if (name.includes('.') && around.databases.has(database)) checkName(name, around)
}

function checkTable(database: string, table: string, around: Surroundings) {
  if (database.toLowerCase() === 'system') {
    if (!SYSTEM_TABLES.has(table.split('.', 1)[0] ?? '')) throw accessDenied(`${database}.${table} is not for analysts`)
  } else if (!readable(database, around)) throw notPublished(`${database}.${table}`)
}

function readable(database: string, { scope }: Surroundings): boolean {
  return /^(system|information_schema)$/i.test(database) || scope.published(database)
}

function notPublished(name: string) {
  return accessDenied(`${name.slice(0, 200)} is not published: SHOW DATABASES and SHOW TABLES list what is`)
}
