import Type, { type Static, type TSchema } from 'typebox'
import Value from 'typebox/value'
import { badRequest, type Problem } from './problems.ts'

/** Query parameters of every list; spread them beside the list's own filters. */
export const pageQuery = {
  limit: Type.Integer({ minimum: 1, maximum: 100, default: 20, description: 'Most items in one answer' }),
  cursor: Type.Optional(
    Type.String({ minLength: 1, maxLength: 1024, description: '`nextCursor` of the answer before; opaque' }),
  ),
} as const

/** The schema of one page: `nextCursor` is null on the last one. */
export function pageOf<Item extends TSchema>(item: Item) {
  return Type.Object({ items: Type.Array(item), nextCursor: Type.Union([Type.String(), Type.Null()]) })
}

/** Makes the opaque cursor from the sort key of the last item. */
export function encodeCursor(position: unknown): string {
  return Buffer.from(JSON.stringify(position)).toString('base64url')
}

/**
 * Reads a cursor that {@link encodeCursor} made; it came back through the client, so its shape is checked.
 * @throws Problem 400 `CURSOR_INVALID`
 */
export function decodeCursor<S extends TSchema>(cursor: string, shape: S): Static<S> {
  const position = parse(cursor)
  if (Value.Check(shape, position)) return position as Static<S>
  throw cursorInvalid()
}

export function cursorInvalid(): Problem {
  return badRequest('CURSOR_INVALID', 'the cursor is not one of this list: begin again without it', {
    errors: [{ pointer: '/cursor', detail: 'must be the nextCursor of an answer of the same list', in: 'query' }],
  })
}

function parse(cursor: string): unknown {
  try {
    return JSON.parse(Buffer.from(cursor, 'base64url').toString('utf8'))
  } catch {
    return undefined
  }
}

/**
 * Cuts a page out of `limit + 1` rows: the row too many only says that there is a next page.
 */
export function toPage<Row, Item>(
  rows: readonly Row[],
  limit: number,
  position: (row: Row) => unknown,
  item: (row: Row) => Item,
): { items: Item[]; nextCursor: string | null } {
  const shown = rows.slice(0, limit)
  const last = shown.at(-1)
  const nextCursor = rows.length > limit && last !== undefined ? encodeCursor(position(last)) : null
  return { items: shown.map(item), nextCursor }
}
