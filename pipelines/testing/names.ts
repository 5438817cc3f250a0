import { randomBytes } from 'node:crypto'

/** A name no other test uses: `prefix` and random letters that PostgreSQL, Kafka and ClickHouse all accept without quotes. */
export function randomName(prefix: string): string {
  return `${prefix}_${randomBytes(6).toString('hex')}`
}

/** The given topic names with random endings, so that tests on one broker do not meet. */
export function testTopics<const N extends readonly string[]>(...names: N): Record<N[number], string> {
  const ending = randomBytes(5).toString('hex')
  return Object.fromEntries(names.map((name) => [name, `${name}-${ending}`])) as Record<N[number], string>
}
