import { accessDenied } from '../errors.ts'
import type { Token } from '../lexer.ts'
import { isViewWithParameters, type Surroundings, TABLE_FUNCTIONS, unquoted } from './analyst.ts'
import type { Node, Parsed } from './tree.ts'

const READS = /^(SelectWithUnionQuery|SelectIntersectExceptQuery|SelectQuery|DescribeQuery|Explain|Show\w+|Exists\w+)$/
const WRITES = /^(InsertQuery|CreateQuery|AlterQuery|DropQuery|TruncateQuery|Rename|OptimizeQuery)$/
/** Engines that keep what they hold here. Others reach outside, or read tables of anybody. */
const ENGINES =
  /^((Replacing|Aggregating|Summing|Collapsing|VersionedCollapsing|Coalescing)?MergeTree|Memory|Null|Atomic)$/
/** Words of statements that bring more than tables: other disks, dictionaries with sources, functions as targets. */
const DENIED_WORDS = /^(DISK|DICTIONARY|FUNCTION)$/i
const SHARED = /^(system|information_schema)$/i

/**
 * Lets pass what reads, writes and changes tables of the databases that the ingest owns. It takes customers' text in: should that ever
 * reach a statement, no file, no address and no other database comes with it.
 * @throws ServerError `ACCESS_DENIED`
 */
export function checkIngest({ root, nodes, tokens }: Parsed, around: Surroundings): void {
  const { scope, databases, database } = around
  const reads = READS.test(root)
  if (!reads && !WRITES.test(root)) throw accessDenied(`the ingest may not do this (${root})`)
  nodes.forEach((node, at) => {
    if (node.kind === 'Function') checkFunction(node, nodes[at - 1], around)
  })
  tokens.forEach(({ text }, at) => {
    if (!reads && DENIED_WORDS.test(text)) throw accessDenied(`${text} is not for the ingest`)
    if (tokens[at + 1]?.text !== '.' || tokens[at - 1]?.text === '.') return
    const named = unquoted(text)
    if (databases.has(named) && !scope.owned(named) && !(reads && SHARED.test(named))) throw notOwned(named)
  })
  const target = namedDatabase(tokens) ?? database
  if (!reads && target !== 'default' && !scope.owned(target)) throw notOwned(target)
}

function checkFunction(node: Node, parent: Node | undefined, around: Surroundings) {
  const { functions } = around
  const [name = ''] = node.name.split(/\s/, 1)
  const under = parent?.depth === node.depth - 1 ? parent?.kind : undefined
  if (under === 'Storage') {
    if (!ENGINES.test(name)) throw accessDenied(`the ingest makes no tables with ENGINE = ${name}`)
  } else if (under === 'TableExpression') {
    if (!TABLE_FUNCTIONS.has(name) && !isViewWithParameters(name, around))
      throw accessDenied(`${name}() is not for the ingest`)
  } else if (functions.knows(name) && !functions.allows(name)) throw accessDenied(`${name}() is not for the ingest`)
}

/** The database of `CREATE DATABASE IF NOT EXISTS x` or `DROP DATABASE x`. */
function namedDatabase(tokens: readonly Token[]): string | undefined {
  if (!/^DATABASE$/i.test(tokens[1]?.text ?? '')) return undefined
  const name = tokens.slice(2).find(({ text }) => !/^(IF|NOT|EXISTS)$/i.test(text))
  return name && unquoted(name.text)
}

const notOwned = (name: string) => accessDenied(`${name} is not a database of the ingest`)
