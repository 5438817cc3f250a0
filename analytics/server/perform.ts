import type { ServerResponse } from 'node:http'
import type { Call } from './call.ts'
import type { Engine } from './engine.ts'
import { quote } from './engine.ts'
import { accessDenied, badArguments, syntaxError } from './errors.ts'
import type { Guard } from './guard/guard.ts'
import type { Scope } from './guard/scope.ts'
import type { Lane } from './lanes.ts'
import { firstWord, formatOf, hasSeveralStatements, holdsWord } from './lexer.ts'
import { databaseOf, preludeOf } from './prelude.ts'
import { EMPTY_SUMMARY, sendBlocks } from './reply.ts'
import type { Spool } from './spool.ts'
import type { Work } from './work.ts'

export interface Lanes {
  readonly reads: Lane
  readonly analysts: Lane
  readonly inserts: Lane
}

export interface Performer {
  readonly engine: Engine
  readonly guard: Guard
  readonly scope: Scope
  readonly spool: Spool
  readonly lanes: Lanes
}

/** What one request carries through: its mark for kill, and the end of its client. */
export interface Turn {
  readonly call: Call
  readonly tag: string
  readonly signal: AbortSignal
  readonly response: ServerResponse
}

/** Formats whose blocks can be joined: the answer goes out while the statement runs. */
const JOINABLE =
  /^(JSON(Strings|Compact|CompactStrings)?EachRow|JSONLines|NDJSON|Native|RowBinary|TabSeparated(Raw)?|TSV(Raw)?|CSV|Values|LineAsString|RawBLOB|MsgPack)$/i

/** Rows of an insert: to a file first, then into the table in one go. A body that breaks off leaves nothing behind. */
export async function performInsert(
  performer: Performer,
  turn: Turn,
  work: Extract<Work, { kind: 'insert' }>,
): Promise<void> {
  const { engine, spool, lanes } = performer
  const { call, tag, signal, response } = turn
  if (call.role === 'analyst') throw accessDenied('analysts may only read')
  if (holdsWord(work.head.target, 'INFILE', 'OUTFILE')) throw badArguments('files of the server cannot be named')
  const prelude = preludeOf(call, tag, performer.scope)
  await checked(performer, call, `${work.head.target} ${work.head.tail}`, prelude)
  const { path, bytes } = await spool.write(tag, work.rows, signal)
  try {
    const sql = `${work.head.target}\nFROM INFILE ${quote(path)} COMPRESSION ${quote(work.compression)}\n${work.head.tail}`
    const result =
      bytes === 0 ? undefined : await lanes.inserts.run(() => engine.run({ prelude, sql, format: 'Null' }), signal)
    const summary = {
      ...EMPTY_SUMMARY,
      writtenRows: result?.rowsRead ?? 0,
      writtenBytes: result?.bytesRead ?? 0,
      elapsedMs: (result?.elapsed ?? 0) * 1000,
    }
    await sendBlocks(response, call, { blocks: nothing(), format: call.format, summary, tag })
  } finally {
    await spool.remove(path)
  }
}

function checked({ guard, scope }: Performer, call: Call, sql: string, prelude: string): Promise<void> {
  return guard.check({ role: call.role, sql, database: databaseOf(call, scope), parameters: call.parameters, prelude })
}

/** Any other statement. */
export async function performStatement(performer: Performer, turn: Turn, sql: string): Promise<void> {
  const { engine, lanes } = performer
  const { call, tag, signal, response } = turn
  const word = firstWord(sql)
  if (word === '') throw syntaxError('Empty query')
  if (holdsWord(sql, 'INFILE', 'OUTFILE')) throw badArguments('files of the server cannot be named')
  if (word !== 'INSERT' && hasSeveralStatements(sql)) throw syntaxError('Multi-statements are not allowed')
  const analyst = call.role === 'analyst'
  const lane = analyst ? lanes.analysts : word === 'INSERT' ? lanes.inserts : lanes.reads
  const statement = { prelude: preludeOf(call, tag, performer.scope), sql, format: call.format }
  const format = formatOf(sql) ?? call.format
  await lane.run(async () => {
    await checked(performer, call, sql, statement.prelude)
    if (JOINABLE.test(format) && ['SELECT', 'WITH', 'FROM'].includes(word)) {
      const blocks = await begun(engine.stream(statement))
      await sendBlocks(response, call, { blocks, format, summary: EMPTY_SUMMARY, tag })
      return
    }
    const { bytes, elapsed, rowsRead, bytesRead } = await engine.run(statement)
    const summary = { ...EMPTY_SUMMARY, readRows: rowsRead, readBytes: bytesRead, elapsedMs: elapsed * 1000 }
    await sendBlocks(response, call, { blocks: once(bytes), format, summary, tag })
  }, signal)
}

/** Waits for the first block, so that what fails before it is answered with its own status. */
async function begun(blocks: AsyncGenerator<Buffer>): Promise<AsyncIterable<Uint8Array>> {
  const first = await blocks.next()
  return (async function* () {
    try {
      if (!first.done) yield first.value
      if (!first.done) yield* blocks
    } finally {
      await blocks.return(undefined) // also when the client left before the first block was taken
    }
  })()
}

async function* nothing(): AsyncGenerator<Uint8Array> {}
async function* once(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  if (bytes.length > 0) yield bytes
}
