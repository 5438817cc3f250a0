import type { ServerResponse } from 'node:http'
import type { Call } from './call.ts'
import { type Engine, quote, type Runner } from './engine.ts'
import { accessDenied, badArguments, syntaxError } from './errors.ts'
import type { Guard } from './guard/guard.ts'
import type { Scope } from './guard/scope.ts'
import type { Lane } from './lanes.ts'
import { firstWord, formatOf, hasSeveralStatements, holdsWord, valuesRows } from './lexer.ts'
import type { NativeResult } from './native.ts'
import { databaseOf, preludeOf } from './prelude.ts'
import { EMPTY_SUMMARY, type Summary, sendBlocks, type Told } from './reply.ts'
import type { Sessions } from './sessions.ts'
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
  readonly sessions: Sessions
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
  const { spool, lanes } = performer
  const { call, tag, signal, response } = turn
  if (call.role === 'analyst') throw accessDenied('analysts may only read')
  if (holdsWord(work.head.target, 'INFILE', 'OUTFILE')) throw badArguments('files of the server cannot be named')
  const prelude = preludeOf(call, tag, performer.scope)
  await checked(performer, call, `${work.head.target} ${work.head.tail}`, prelude)
  const { path, bytes } = await spool.write(tag, work.rows, signal)
  try {
    const sql = `${work.head.target}\nFROM INFILE ${quote(path)} COMPRESSION ${quote(work.compression)}\n${work.head.tail}`
    await lanes.inserts.run(
      call.asker,
      () =>
        on(performer, turn, async (runner) => {
          const result = bytes === 0 ? undefined : await runner.run({ prelude, sql, format: 'Null' })
          const summary = {
            ...EMPTY_SUMMARY,
            writtenRows: result?.rowsRead ?? 0,
            writtenBytes: result?.bytesRead ?? 0,
            elapsedMs: (result?.elapsed ?? 0) * 1000,
          }
          await sendBlocks(response, call, { blocks: nothing(), format: call.format, summary }, toldBy(performer, tag))
        }),
      signal,
    )
  } finally {
    await spool.remove(path)
  }
}

function toldBy({ engine, spool }: Performer, tag: string): Told {
  return { version: engine.version, tag, hidden: `${spool.folder}/${tag}` }
}

/** On the session's connection, or on one of its own. */
async function on(
  { engine, sessions }: Performer,
  { call, response }: Turn,
  work: (runner: Runner) => Promise<void>,
): Promise<void> {
  if (!call.session) return await work(engine)
  const names = ['log_comment', 'async_insert', 'priority', ...call.settings.keys()]
  await sessions.use(call.session, { names, work, answered: () => response.writableEnded })
}

function checked({ guard, scope }: Performer, call: Call, sql: string, prelude: string): Promise<void> {
  return guard.check({ role: call.role, sql, database: databaseOf(call, scope), parameters: call.parameters, prelude })
}

/** Any other statement. */
export async function performStatement(performer: Performer, turn: Turn, sql: string): Promise<void> {
  const { lanes } = performer
  const { call, tag, signal, response } = turn
  const word = firstWord(sql)
  if (word === '') throw syntaxError('Empty query')
  if (holdsWord(sql, 'INFILE', 'OUTFILE')) throw badArguments('files of the server cannot be named')
  if (hasSeveralStatements(sql)) throw syntaxError('Multi-statements are not allowed')
  const lane = call.role === 'analyst' ? lanes.analysts : word === 'INSERT' ? lanes.inserts : lanes.reads
  const format = formatOf(sql) ?? call.format
  const streams = !call.whole && JOINABLE.test(format) && ['SELECT', 'WITH', 'FROM'].includes(word)
  const prelude = preludeOf(call, tag, performer.scope, !streams)
  const statement = { prelude, sql, format: call.format }
  async function perform(runner: Runner) {
    if (streams) {
      const blocks = await begun(runner.stream(statement))
      await sendBlocks(response, call, { blocks, format, summary: EMPTY_SUMMARY }, toldBy(performer, tag))
      return
    }
    const result = await runner.run(statement)
    const summary = { ...summaryOf(result), ...(word === 'INSERT' && { writtenRows: valuesRows(sql) }) }
    await sendBlocks(response, call, { blocks: once(result.bytes), format, summary }, toldBy(performer, tag))
  }
  async function inTurn() {
    await checked(performer, call, sql, statement.prelude)
    await on(performer, turn, perform)
  }
  await lane.run(call.asker, inTurn, signal)
}

/** The engine tells what it read only within JSON, at its end. */
const STATISTICS = /"statistics":\s*\{\s*"elapsed":[^,]*,\s*"rows_read":\s*(\d+),\s*"bytes_read":\s*(\d+)\s*\}\s*\}\s*$/

function summaryOf({ bytes, elapsed, rowsRead, bytesRead }: NativeResult): Summary {
  const [, readRows = 0, readBytes = 0] = STATISTICS.exec(bytes.subarray(-300).toString('latin1')) ?? []
  return {
    ...EMPTY_SUMMARY,
    readRows: Number(readRows),
    readBytes: Number(readBytes),
    resultRows: rowsRead,
    resultBytes: bytesRead,
    elapsedMs: elapsed * 1000,
  }
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
