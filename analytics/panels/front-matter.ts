export interface Entry {
  readonly line: number
  readonly value: string
}

export interface FrontMatter {
  readonly entries: ReadonlyMap<string, Entry>
  readonly sql: string
  readonly faults: readonly { readonly line: number; readonly message: string }[]
}

const ENTRY = /^--\s*([a-z]+)\s*:\s*(.*?)\s*$/

/**
 * Splits a panel's file: lines `-- key: value` at its top, then SQL. They are SQL comments, so the whole file is SQL for any client. A comment after the
 * first blank line or the first line of SQL belongs to the SQL.
 */
export function readFrontMatter(text: string): FrontMatter {
  const lines = text.split(/\r?\n/)
  const entries = new Map<string, Entry>()
  const faults: { line: number; message: string }[] = []
  let next = 0
  for (; next < lines.length && lines[next]?.startsWith('--'); next++) {
    const line = next + 1
    const [, key, value] = ENTRY.exec(lines[next] ?? '') ?? []
    if (key === undefined || value === undefined)
      faults.push({ line, message: 'write "-- key: value", or leave a blank line before the SQL' })
    else if (entries.has(key)) faults.push({ line, message: `${key} stands twice` })
    else entries.set(key, { line, value })
  }
  const sql = lines.slice(next).join('\n').trim().replace(/;$/, '').trim()
  return { entries, sql, faults }
}
