import { type Engine, quote } from './engine.ts'
import { accessDenied } from './errors.ts'
import { holdsWord } from './lexer.ts'

/** Databases of this ending hold the stored tables behind the published views. */
export const STORE_SUFFIX = '_store'

const ROOTS =
  /^(SelectWithUnionQuery|SelectIntersectExceptQuery|SelectQuery|ShowTables|ShowColumns|ShowFunctions|ShowSetting|ShowCreate\w+|DescribeQuery|Explain|Exists\w+)\b/i
const TABLE_FUNCTIONS = new Set([
  'numbers',
  'numbers_mt',
  'zeros',
  'zeros_mt',
  'generate_series',
  'generateSeries',
  'values',
  'view',
  'null',
])
/** Functions that read files, run programs, or read tables by a name in a string. */
const DENIED_FUNCTIONS =
  /^(file|executable\w*|catboost\w*|joinGet\w*|dict\w+|getServerSetting|getMacro|evalMLMethod|sleepEachRow)$/i
const SYSTEM_TABLES = new Set([
  'one',
  'numbers',
  'numbers_mt',
  'zeros',
  'tables',
  'columns',
  'databases',
  'functions',
  'formats',
  'data_type_families',
  'table_functions',
  'table_engines',
  'settings',
  'time_zones',
  'keywords',
  'completions',
])

interface Node {
  readonly depth: number
  readonly kind: string
  readonly name: string
}

function* nodesOf(tree: string): Generator<Node> {
  for (const line of tree.split('\n')) {
    const [, blanks = '', kind = '', name = ''] =
      /^(\s*)(\S+)(?:\s+(.*?))?(?:\s+\(alias .*\))?(?:\s+\(children \d+\))?$/.exec(line) ?? []
    if (kind) yield { depth: blanks.length, kind, name: name.trim() }
  }
}

function checkTable(name: string) {
  const [database, table] = name.includes('.') ? name.split('.', 2) : [undefined, name]
  if (database === 'system' && !SYSTEM_TABLES.has(table ?? '')) throw accessDenied(`${name} is not for analysts`)
  if (database?.endsWith(STORE_SUFFIX))
    throw accessDenied(
      `${name} is not published: read the views of the same name in ${database.slice(0, -STORE_SUFFIX.length)}`,
    )
}

/**
 * Lets pass what only reads published tables. The engine's own parser tells what the statement is, as the embedded engine has no
 * users, and its `readonly` alone leaves INTO OUTFILE, file() and KILL open and can be switched off.
 * @throws ServerError `ACCESS_DENIED`, or whatever the parser found
 */
export async function guardAnalyst(
  engine: Engine,
  sql: string,
  { database, prelude }: { database: string | undefined; prelude: string },
): Promise<void> {
  if (database) checkTable(`${database}.`)
  // 1. One statement, in the engine's own spelling. EXPLAIN AST of raw text would run what stands behind a semicolon.
  const formatted = await engine.run({
    prelude: '',
    sql: `SELECT formatQuerySingleLine(${quote(sql)})`,
    format: 'TabSeparatedRaw',
  })
  const statement = formatted.bytes.toString().replace(/\n$/, '')
  if (holdsWord(statement, 'OUTFILE', 'INFILE')) throw accessDenied('files are not for analysts')
  // 2. Its tree, with the parameters in their places.
  const tree = (
    await engine.run({ prelude, sql: `EXPLAIN AST ${statement}`, format: 'TabSeparatedRaw' })
  ).bytes.toString()
  if (!ROOTS.test(tree.trimStart()))
    throw accessDenied('analysts may only read: SELECT, SHOW, DESCRIBE, EXPLAIN, EXISTS')
  let parent: Node | undefined
  for (const node of nodesOf(tree)) {
    if (node.kind === 'Set') throw accessDenied('give settings in the URL, not in a SETTINGS clause')
    if (node.kind === 'TableIdentifier') checkTable(node.name)
    if (node.kind === 'Identifier' && node.name.includes('.')) checkIdentifier(node.name)
    if (node.kind === 'Function') {
      const [name = ''] = node.name.split(/\s/, 1) // an alias with a line break in it is not part of the name
      const isTable = parent?.kind === 'TableExpression' && parent.depth === node.depth - 1
      if (isTable ? !TABLE_FUNCTIONS.has(name) : DENIED_FUNCTIONS.test(name))
        throw accessDenied(`${name}() is not for analysts`)
    }
    parent = node
  }
}

/** `x IN store.table` shows as a plain identifier. */
function checkIdentifier(name: string) {
  if (name.split('.', 1)[0]?.endsWith(STORE_SUFFIX)) checkTable(name)
}
