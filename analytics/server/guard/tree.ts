import { type Engine, quote } from '../engine.ts'
import { accessDenied } from '../errors.ts'
import { type Token, tokensOf } from '../lexer.ts'

/** One line of `EXPLAIN AST`. */
export interface Node {
  readonly depth: number
  readonly kind: string
  /** What follows the kind, without alias and number of children. */
  readonly name: string
}

/** A statement as the engine's parser understands it. */
export interface Parsed {
  /** In the engine's own spelling, without comments, on one line. */
  readonly tokens: readonly Token[]
  readonly nodes: readonly Node[]
  readonly root: string
}

function* nodesOf(tree: string): Generator<Node> {
  for (const line of tree.split('\n')) {
    const [, blanks = '', kind = '', name = ''] =
      /^(\s*)(\S+)(?:\s+(.*?))?(?:\s+\(alias .*\))?(?:\s+\(children \d+\))?$/.exec(line) ?? []
    if (kind) yield { depth: blanks.length, kind, name: name.trim() }
  }
}

/**
 * Asks the engine's parser what a statement is. Nothing of it runs.
 * @throws ServerError whatever the parser found; several statements are a SYNTAX_ERROR
 */
export async function parse(engine: Engine, sql: string, prelude: string): Promise<Parsed> {
  // 1. One statement, in the engine's own spelling. EXPLAIN AST of raw text would run what stands behind a semicolon.
  const formatted = await engine.run({
    prelude: '',
    sql: `SELECT formatQuerySingleLine(${quote(sql)})`,
    format: 'TabSeparatedRaw',
  })
  const statement = formatted.bytes.toString().replace(/\n$/, '')
  const tokens = tokensOf(statement)
  if (tokens.some(({ text }) => /^(OUT|IN)FILE$/i.test(text))) throw accessDenied('files of the server cannot be named')
  // 2. Its tree, with the parameters in their places.
  const tree = await engine.run({ prelude, sql: `EXPLAIN AST ${statement}`, format: 'TabSeparatedRaw' })
  const text = tree.bytes.toString()
  return { tokens, nodes: [...nodesOf(text)], root: text.split(/[\s(]/, 1)[0] ?? '' }
}
