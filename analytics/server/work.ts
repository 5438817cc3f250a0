import type { IncomingMessage } from 'node:http'
import { decoded, ENGINE_COMPRESSION, openBody, readAll } from './body.ts'
import type { Call } from './call.ts'
import { notImplemented } from './errors.ts'
import { type InsertHead, splitInsert } from './lexer.ts'

/** What a request asks for: a statement, or an insert with rows in a format. */
export type Work =
  | { readonly kind: 'statement'; readonly sql: string }
  | {
      readonly kind: 'insert'
      readonly head: InsertHead
      readonly rows: AsyncIterable<Uint8Array>
      /** How the engine has to decompress the rows. */
      readonly compression: string
    }

async function* joined(first: Uint8Array, rest: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  if (first.length > 0) yield first
  yield* rest
}

/**
 * Tells an insert's rows from the statement. The statement stands in the URL with the rows as body, or both stand in the body.
 * @throws ServerError
 */
export async function readWork(request: IncomingMessage, call: Call): Promise<Work> {
  const { sqlInUrl, encoding, framedBody } = call
  const inUrl = sqlInUrl ? splitInsert(sqlInUrl) : undefined
  if (inUrl) {
    if (framedBody) return { kind: 'insert', head: inUrl, rows: decoded(request, encoding, true), compression: 'none' }
    const compression = encoding === undefined ? 'none' : ENGINE_COMPRESSION[encoding]
    if (!compression) throw notImplemented(`content encoding ${encoding} is unknown`)
    const begun = Buffer.from(sqlInUrl.slice(inUrl.dataStart))
    return {
      kind: 'insert',
      head: inUrl,
      rows: joined(compression === 'none' ? begun : Buffer.alloc(0), request),
      compression,
    }
  }
  const body = await openBody(decoded(request, encoding, framedBody))
  if (sqlInUrl) {
    const more = await readAll(body)
    return { kind: 'statement', sql: more ? `${sqlInUrl}\n${more}` : sqlInUrl }
  }
  // latin1 keeps one sign per byte, so that places in the text are places in the body.
  const head = splitInsert(body.head.toString('latin1'))
  if (!head) return { kind: 'statement', sql: await readAll(body) }
  const utf8 = (text: string) => Buffer.from(text, 'latin1').toString()
  return {
    kind: 'insert',
    head: { ...head, target: utf8(head.target), tail: utf8(head.tail) },
    rows: joined(body.head.subarray(head.dataStart), body.rest),
    compression: 'none',
  }
}
