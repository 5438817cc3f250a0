/** A piece of SQL between blanks and comments, with its place in the text. */
export interface Token {
  readonly text: string
  readonly start: number
  readonly end: number
}

const QUOTES = new Set(["'", '"', '`'])
const WORD = /[\p{L}\p{N}_$]+/uy

/** `$$ … $$` or `$tag$ … $tag$`: text without escapes. */
const HEREDOC = /\$\w*\$/uy

function endOfHeredoc(sql: string, start: number): number | undefined {
  HEREDOC.lastIndex = start
  const tag = HEREDOC.exec(sql)?.[0]
  const end = tag === undefined ? -1 : sql.indexOf(tag, start + tag.length)
  return tag === undefined || end < 0 ? undefined : end + tag.length
}

function endOfQuoted(sql: string, start: number): number {
  const quote = sql[start]
  for (let i = start + 1; i < sql.length; i++) {
    if (sql[i] === '\\') i++
    else if (sql[i] === quote) {
      if (sql[i + 1] !== quote) return i + 1
      i++
    }
  }
  return sql.length
}

function endOfBlockComment(sql: string, start: number): number {
  const end = sql.indexOf('*/', start + 2)
  return end < 0 ? sql.length : end + 2
}

function endOfLine(sql: string, start: number): number {
  const end = sql.indexOf('\n', start)
  return end < 0 ? sql.length : end + 1
}

/** The tokens outside comments: words, quoted things as one, and single signs. */
function* tokens(sql: string): Generator<Token> {
  let i = 0
  while (i < sql.length) {
    const char = sql[i] as string
    if (/\s/.test(char)) i++
    else if (sql.startsWith('--', i) || /^#[ !]/.test(sql.slice(i, i + 2))) i = endOfLine(sql, i)
    else if (sql.startsWith('/*', i)) i = endOfBlockComment(sql, i)
    else {
      const end = endOfToken(sql, i, char)
      yield { text: sql.slice(i, end), start: i, end }
      i = end
    }
  }
}

function endOfToken(sql: string, start: number, char: string): number {
  if (QUOTES.has(char)) return endOfQuoted(sql, start)
  const heredoc = char === '$' ? endOfHeredoc(sql, start) : undefined
  if (heredoc !== undefined) return heredoc
  WORD.lastIndex = start
  return start + (WORD.exec(sql)?.[0].length ?? 1)
}

export function tokensOf(sql: string): readonly Token[] {
  return [...tokens(sql)]
}

/** The first word in capitals: what kind of statement it is. */
export function firstWord(sql: string): string {
  for (const { text } of tokens(sql)) if (text !== '(') return text.toUpperCase()
  return ''
}

/** Whether something stands behind a semicolon. The engine would run it; a server refuses it over HTTP. */
export function hasSeveralStatements(sql: string): boolean {
  let ended = false
  for (const { text } of tokens(sql)) {
    if (ended && text !== ';') return true
    if (text === ';') ended = true
  }
  return false
}

/** Whether a word stands in the statement outside quotes and comments. */
export function holdsWord(sql: string, ...words: readonly string[]): boolean {
  for (const { text } of tokens(sql)) if (words.includes(text.toUpperCase())) return true
  return false
}

/** An `INSERT … FORMAT X` whose rows follow. */
export interface InsertHead {
  /** Up to where `FROM INFILE` fits: before SETTINGS or FORMAT. */
  readonly target: string
  /** SETTINGS and FORMAT as they were written. */
  readonly tail: string
  readonly format: string
  /** Where the rows begin in the text that was given. */
  readonly dataStart: number
}

/** Splits an insert that brings its rows in a format. Undefined for anything else: VALUES, SELECT, no insert. */
export function splitInsert(sql: string): InsertHead | undefined {
  let depth = 0
  let count = 0
  let settingsAt: number | undefined
  let formatAt: number | undefined
  for (const { text, start, end } of tokens(sql)) {
    const word = text.toUpperCase()
    if (count++ === 0 && word !== 'INSERT') return undefined
    if (formatAt !== undefined) {
      const insertAt = settingsAt ?? formatAt
      return {
        target: sql.slice(0, insertAt),
        tail: sql.slice(insertAt, end),
        format: text,
        dataStart: endOfHead(sql, end),
      }
    }
    if (text === '(') depth++
    else if (text === ')') depth--
    else if (depth === 0) {
      if (['VALUES', 'SELECT', 'WITH', 'FROM', 'WATCH'].includes(word)) return undefined
      if (word === 'SETTINGS') settingsAt = start
      if (word === 'FORMAT') formatAt = start
    }
  }
  return undefined
}

/** Rows begin after one line break (or blank), never after more: a binary format may begin with such a byte. */
function endOfHead(sql: string, end: number): number {
  const [gap = ''] = /^[ \t]*(\r?\n)?/.exec(sql.slice(end, end + 64)) ?? []
  return end + gap.length
}

/** How many rows an `INSERT … VALUES (…), (…)` brings; 0 for anything else. */
export function valuesRows(sql: string): number {
  let depth = 0
  let rows = 0
  let values = false
  for (const { text } of tokens(sql)) {
    if (text === '(') {
      if (values && depth === 0) rows++
      depth++
    } else if (text === ')') depth--
    else if (depth === 0 && !values) values = text.toUpperCase() === 'VALUES'
  }
  return rows
}

/** The format that a statement names itself at its end. */
export function formatOf(sql: string): string | undefined {
  return /\bFORMAT\s+([A-Za-z]\w*)\s*(?:SETTINGS\b[^'"`]*)?[\s;]*$/i.exec(sql.slice(-400))?.[1]
}
