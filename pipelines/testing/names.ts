import { randomBytes } from 'node:crypto'

const LETTERS = 'abcdefghijklmnop'

/** A name no other test uses: `prefix` and random letters that PostgreSQL, Kafka and ClickHouse all accept without quotes. */
export function randomName(prefix: string): string {
  return `${prefix}_${letters(6)}`
}

/** The given topic names with random endings, so that tests on one broker do not meet. */
export function testTopics<const N extends readonly string[]>(...names: N): Record<N[number], string> {
  const ending = letters(5)
  return Object.fromEntries(names.map((name) => [name, `${name}-${ending}`])) as Record<N[number], string>
}

/** Two letters a byte. No digits: with those that a test puts behind them they would now and then be a card number, and refused. */
function letters(bytes: number): string {
  return [...randomBytes(bytes)].map((byte) => LETTERS.charAt(byte >> 4) + LETTERS.charAt(byte & 15)).join('')
}
