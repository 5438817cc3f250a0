/** A statement that was run in this browser. */
export interface Past {
  readonly sql: string
  readonly at: number
  readonly elapsedMs: number
  readonly rows: number
}

const KEY = 'eshop-sql-history'
const MOST = 50

export function readHistory(): readonly Past[] {
  try {
    const kept = JSON.parse(localStorage.getItem(KEY) ?? '[]') as readonly Past[]
    return Array.isArray(kept) ? kept : []
  } catch {
    return []
  }
}

/** The newest first; a statement stands once. What a full or closed store does not take is not kept. */
export function addToHistory(past: Past): readonly Past[] {
  const next = [past, ...readHistory().filter(({ sql }) => sql !== past.sql)].slice(0, MOST)
  try {
    localStorage.setItem(KEY, JSON.stringify(next))
  } catch {
    return next
  }
  return next
}

export function clearHistory(): void {
  localStorage.removeItem(KEY)
}
