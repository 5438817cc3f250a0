/** Where in a statement something is wrong: `offset` in UTF-16 units from 0, as editors count; line and column from 1. */
export interface SqlPlace {
  readonly offset: number
  readonly line: number
  readonly column: number
}

/**
 * The place that a message of ClickHouse tells. Of a syntax error it says which byte, from 1. Of a name that it does not know, or that is not for analysts,
 * it says none: then the place is where the name stands, if it stands once.
 */
export function placeIn(sql: string, message: string): SqlPlace | undefined {
  const [, byte] = /failed at position (\d+)/.exec(message) ?? []
  if (byte !== undefined)
    return placeAt(
      sql,
      Buffer.from(sql)
        .subarray(0, Number(byte) - 1)
        .toString().length,
    )
  const [, unknown, refused] =
    /(?:identifier|function(?: with name)?) [`']([\w.]+)[`']|^([\w.]+)\(\) is not/i.exec(message) ?? []
  const name = unknown ?? refused
  if (name === undefined) return undefined
  const found = [...sql.matchAll(new RegExp(`(?<![\\w.])${name.replaceAll('.', '\\.')}(?![\\w.])`, 'g'))]
  return found.length === 1 ? placeAt(sql, found[0]?.index ?? 0) : undefined
}

function placeAt(sql: string, offset: number): SqlPlace {
  const before = sql.slice(0, offset).split('\n')
  return { offset, line: before.length, column: (before.at(-1)?.length ?? 0) + 1 }
}
