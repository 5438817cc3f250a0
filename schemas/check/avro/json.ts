/** A JSON value. Integers beyond 2^53 are `bigint`, so that the bounds of Avro's long can be told apart. */
export type Json = null | boolean | number | bigint | string | FloatLiteral | readonly Json[] | JsonObject
export interface JsonObject {
  readonly [key: string]: Json
}

/** A number written with a point or an exponent: `1.0` is a legal default of a double and not of an int. */
export class FloatLiteral {
  readonly value: number

  constructor(value: number) {
    this.value = value
  }
}

/** A value and where it stands. Offsets count UTF-16 units from the start of the text. */
export interface JsonNode {
  readonly start: number
  readonly end: number
  /** Where the key stands, for a member of an object. */
  readonly keyStart?: number
  readonly value: Json
  readonly members?: ReadonlyMap<string, JsonNode>
  readonly items?: readonly JsonNode[]
}

/** The text is not JSON. `offset` is where reading stopped. */
export class JsonSyntaxError extends SyntaxError {
  readonly offset: number

  constructor(message: string, offset: number) {
    super(message)
    this.offset = offset
  }
}

export function isObject(value: Json | undefined): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value) && !(value instanceof FloatLiteral)
}

export function isArray(value: Json | undefined): value is readonly Json[] {
  return Array.isArray(value)
}

/** Numbers whose text matters: a point, an exponent, or too many digits for a double. A doc may look like one, which costs only time. */
const TRICKY_NUMBER = /[:[,]\s*-?(?:\d+[.eE]|\d{16})/

/** Whether the spelling of a number in the text may matter. */
export function hasTrickyNumber(text: string): boolean {
  return TRICKY_NUMBER.test(text)
}

/** Reads JSON with the platform's parser where its answer is exact, with `readTree` where the spelling of a number matters. */
export function readJson(text: string): Json {
  if (TRICKY_NUMBER.test(text)) return readTree(text).value
  try {
    return JSON.parse(text) as Json
  } catch {
    return readTree(text).value // says where
  }
}

const NUMBER = /-?(?:0|[1-9]\d*)(\.\d+)?([eE][+-]?\d+)?/y
const STRING = /"(?:[^"\\]|\\.)*"/sy
const BLANK = /[ \t\n\r]*/y
const MAX_DEPTH = 500

/** Reads JSON and remembers where each value stands. A key that comes twice counts as its last, as in most parsers. */
export function readTree(text: string): JsonNode {
  let at = text.charCodeAt(0) === 0xfeff ? 1 : 0

  function fail(message: string, offset = at): never {
    throw new JsonSyntaxError(message, offset)
  }
  function blank(): void {
    BLANK.lastIndex = at
    BLANK.test(text)
    at = BLANK.lastIndex
  }
  function found(): string {
    return at >= text.length ? 'the file ends here' : `found ${JSON.stringify(text[at])}`
  }
  function expect(char: string, where: string): void {
    if (text[at] !== char) fail(`expected '${char}' ${where}, ${found()}`)
    at++
  }
  function string(): string {
    STRING.lastIndex = at
    const match = STRING.exec(text)
    if (match === null) fail('a string that does not end')
    try {
      const value = JSON.parse(match[0]) as string
      at = STRING.lastIndex
      return value
    } catch {
      return fail('a string with an illegal character or escape')
    }
  }
  function number(start: number): Json {
    NUMBER.lastIndex = at
    const match = NUMBER.exec(text)
    if (match === null) fail(`expected a value, ${found()}`)
    at = NUMBER.lastIndex
    const value = Number(match[0])
    if (match[1] !== undefined || match[2] !== undefined) return new FloatLiteral(value)
    return Number.isSafeInteger(value) ? value : BigInt(text.slice(start, at))
  }
  function object(start: number, depth: number): JsonNode {
    const members = new Map<string, JsonNode>()
    const value: Record<string, Json> = {}
    at++
    blank()
    while (text[at] !== '}') {
      if (members.size > 0) {
        expect(',', 'or } after a member')
        blank()
      }
      const keyStart = at
      if (text[at] !== '"') fail(`expected a key in double quotes, ${found()}`)
      const key = string()
      blank()
      expect(':', 'after the key')
      const member = node(depth + 1)
      members.delete(key)
      members.set(key, { ...member, keyStart })
      Object.defineProperty(value, key, { value: member.value, enumerable: true, configurable: true, writable: true })
      blank()
    }
    at++
    return { start, end: at, value, members }
  }
  function array(start: number, depth: number): JsonNode {
    const items: JsonNode[] = []
    at++
    blank()
    while (text[at] !== ']') {
      if (items.length > 0) expect(',', 'or ] after an item')
      items.push(node(depth + 1))
      blank()
    }
    at++
    return { start, end: at, value: items.map((item) => item.value), items }
  }
  function node(depth: number): JsonNode {
    if (depth > MAX_DEPTH) fail(`nested deeper than ${MAX_DEPTH} levels`)
    blank()
    const start = at
    const char = text[at]
    if (char === '{') return object(start, depth)
    if (char === '[') return array(start, depth)
    if (char === '"') return leaf(start, string())
    for (const [word, value] of WORDS) {
      if (!text.startsWith(word, at)) continue
      at += word.length
      return leaf(start, value)
    }
    return leaf(start, number(start))
  }
  function leaf(start: number, value: Json): JsonNode {
    return { start, end: at, value }
  }

  const root = node(0)
  blank()
  if (at < text.length) fail(`something follows the end of the schema: ${found()}`)
  return root
}

const WORDS: readonly (readonly [string, Json])[] = [
  ['true', true],
  ['false', false],
  ['null', null],
]

/** A text that is equal for equal values, whatever the order of their keys. */
export function stableText(json: Json): string {
  return JSON.stringify(json, (_, value: Json) => {
    if (typeof value === 'bigint') return `${value}n`
    if (value instanceof FloatLiteral) return value.value
    if (!isObject(value)) return value
    return Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)))
  })
}
