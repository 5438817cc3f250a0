import pg from 'pg'
import { CodedError, Unavailable } from './errors.ts'
import { failpoints } from './failpoint.ts'
import type { Closable } from './lifecycle.ts'
import type { Log } from './log.ts'

export type Row = pg.QueryResultRow

/** Runs one statement. Values are always parameters (`$1`), never spliced into the text. `int8` arrives as number, `numeric` as text. */
export interface Sql {
  query<R extends Row = Row>(text: string, values?: readonly unknown[]): Promise<R[]>
}

/** A connection inside an open transaction. Never keep it beyond the work it was given for. */
export interface Tx extends Sql {
  /** The tag that keeps a pool from being passed where a transaction is needed. */
  readonly inTransaction: true
}

export interface Database extends Sql, Closable {
  readonly pool: pg.Pool
  /**
   * Commits when `work` resolves, rolls back when it throws. Deadlocks and serialization failures are tried again (3 times), so
   * `work` may run more than once: keep effects outside the database out of it. Statements that are issued together travel together:
   * `begin` with the first one, `commit` with those that `work` did not wait for, whose failure fails the transaction.
   * @throws Unavailable `DATABASE_AWAY` while the server cannot be reached, restarts, does not answer or has no connection left
   */
  transaction<T>(work: (tx: Tx) => Promise<T>, options?: TransactionOptions): Promise<T>
}

export interface TransactionOptions {
  /** Overrides the database's limit for the statements of this transaction; 0 means no limit. Milliseconds. */
  readonly statementMs?: number
}

export interface DatabaseOptions {
  readonly url: string
  /** Largest number of connections. Default 10. */
  readonly maxConnections?: number
  /** Shown in pg_stat_activity. */
  readonly name?: string
  readonly log?: Log
  /** A transaction that idles longer is ended by the server, so that none holds locks for ever. Milliseconds, default 30 000. */
  readonly idleInTransactionMs?: number
  /** Milliseconds to wait for a free connection, default 5 000. */
  readonly acquireMs?: number
  /**
   * A statement that is not answered within this time is given up as `DATABASE_AWAY`, and its connection closed: a server that was
   * lost without a word would hold requests and handlers until TCP gives up, many minutes later. Milliseconds, default 30 000; 0
   * means no limit. Clients taken from `pool` by hand have none.
   */
  readonly statementMs?: number
  /** A transaction lost to another one, by deadlock or serialization failure, and is tried again or given up. */
  readonly onConflict?: () => void
}

const INT8 = 20
const RETRYABLE = new Set(['40001', '40P01'])
const TRANSACTION_ATTEMPTS = 3
const KEEP_ALIVE_AFTER_MS = 5_000

/** Opens a pool. Nothing connects before the first query. */
export function openDatabase(options: DatabaseOptions): Database {
  const { url, maxConnections = 10, name = 'eshop', log, idleInTransactionMs = 30_000, acquireMs = 5_000 } = options
  const { statementMs: usualMs = 30_000, onConflict } = options
  const pool = new pg.Pool({
    connectionString: url,
    max: maxConnections,
    application_name: name,
    connectionTimeoutMillis: acquireMs,
    idle_in_transaction_session_timeout: idleInTransactionMs,
    // A statement whose asker has gone is ended: tried again, it would otherwise run twice, then three times, at once.
    options: '-c client_connection_check_interval=5s',
    keepAlive: true,
    keepAliveInitialDelayMillis: KEEP_ALIVE_AFTER_MS,
    types: { getTypeParser: typeParser },
    pipeline: true,
  })
  const statement = statementNames()
  // Without a listener an idle connection that the server ends (a restart) would end this process.
  pool.on('error', (error) => log?.warn({ err: error }, 'an idle database connection was lost'))

  async function transaction<T>(
    work: (tx: Tx) => Promise<T>,
    { statementMs = usualMs }: TransactionOptions = {},
  ): Promise<T> {
    for (let attempt = 1; ; attempt++) {
      try {
        return await transactionOnce(pool, statement, statementMs, work)
      } catch (error) {
        if (!(error instanceof CodedError)) throw error
        if (error.code === 'DATABASE_CONFLICT') onConflict?.()
        // Not counted: each such failure takes a connection out of the pool, and new ones have prepared nothing.
        if (error.code === 'DATABASE_PLAN_STALE') attempt -= 1
        else if (attempt >= TRANSACTION_ATTEMPTS || error.code !== 'DATABASE_CONFLICT') throw error
      }
    }
  }

  return {
    pool,
    transaction,
    query: (text, values) =>
      pool.query(within(usualMs, statement(text, values))).then((result) => result.rows, rethrow),
    async close() {
      if (!pool.ended) await pool.end()
    },
  }
}

async function transactionOnce<T>(
  pool: pg.Pool,
  statement: (text: string, values?: readonly unknown[]) => pg.QueryConfig,
  statementMs: number,
  work: (tx: Tx) => Promise<T>,
): Promise<T> {
  const client = await pool.connect().catch(rethrow)
  let broken: Error | undefined
  const noteBroken = (error: Error) => {
    broken = error
  }
  client.on('error', noteBroken)
  let failure: unknown
  let isOver = false

  function send(query: pg.QueryConfig): Promise<pg.QueryResult> {
    gather(client)
    const sent = client.query(within(statementMs, query)).catch(rethrow)
    sent.catch((error) => {
      failure ??= error
    })
    return sent
  }
  const tx: Tx = {
    inTransaction: true,
    query(text, values) {
      if (isOver) throw new CodedError('TRANSACTION_OVER', 'a statement came after the end of its transaction')
      const rows = send(statement(text, values)).then((result) => result.rows as never)
      rows.catch(() => {}) // who did not wait for it learns of it from the transaction
      return rows
    },
  }
  try {
    void send({ text: 'begin' })
    if (failpoints) await failpoints.at('transaction.begin')
    const result = await work(tx)
    isOver = true
    if (failpoints) await failpoints.at('transaction.commit.before')
    const { command } = await send({ text: 'commit' })
    // PostgreSQL answers ROLLBACK when a statement had failed, also when somebody caught its error, or nobody waited for it.
    if (command !== 'COMMIT') {
      throw (
        failure ?? new CodedError('TRANSACTION_ABORTED', 'a statement failed, so nothing of the transaction was kept')
      )
    }
    if (failpoints) await failpoints.at('transaction.commit.after')
    return result
  } catch (thrown) {
    isOver = true
    // What comes after a failed statement is refused for that alone: a conflict that nobody waited for is still one, and tried again.
    const error = isRefusedAfterFailure(thrown) ? (failure ?? thrown) : thrown
    // If even the rollback fails, the connection is of no use and leaves the pool.
    await client.query(within(statementMs, { text: 'rollback' })).catch(noteBroken)
    if (error instanceof CodedError && error.code === 'DATABASE_PLAN_STALE') noteBroken(error)
    throw error
  } finally {
    client.off('error', noteBroken)
    client.release(broken)
  }
}

/**
 * Lets the last statements of a transaction travel with what follows, in the end its commit, instead of waiting for their answers: the
 * transaction fails if one of them fails. What is refused before it is sent throws here. Only for statements whose answer nobody reads.
 */
export async function underway(work: Promise<unknown>): Promise<void> {
  await Promise.race([work, Promise.resolve()])
}

const IN_FAILED_TRANSACTION = '25P02'

function isRefusedAfterFailure(error: unknown): boolean {
  return (error as { code?: string } | undefined)?.code === IN_FAILED_TRANSACTION
}

/** Holds back what is written to the server until this turn's promises have run, so that it goes out in one piece. */
function gather(client: pg.PoolClient) {
  const { stream } = (client as pg.PoolClient & { readonly connection: pg.Connection }).connection
  if (stream.writableCorked > 0) return
  stream.cork()
  process.nextTick(() => stream.uncork())
}

/** Has the driver close the connection when the answer does not come in time; what waits on it then fails as well. */
function within(limitMs: number, query: pg.QueryConfig): pg.QueryConfig {
  return limitMs > 0 ? Object.assign(query, { query_timeout: limitMs }) : query
}

const MOST_NAMES = 500

/**
 * Names statements with values by their text, so that the server parses and plans each once per connection. Beyond the limit (texts
 * that are put together anew each time) they stay nameless.
 */
function statementNames() {
  const names = new Map<string, string>()
  return (text: string, values?: readonly unknown[]): pg.QueryConfig => {
    if (values === undefined || values.length === 0) return { text }
    let name = names.get(text)
    if (name === undefined && names.size < MOST_NAMES) {
      name = `s${names.size}`
      names.set(text, name)
    }
    return { text, values: values as unknown[], ...(name !== undefined && { name }) }
  }
}

function typeParser(oid: number, format?: 'text' | 'binary') {
  return oid === INT8 && format !== 'binary'
    ? Number
    : (pg.types.getTypeParser(oid, format ?? 'text') as (value: string) => unknown)
}

/** Turns what the driver throws into coded errors; what is a mistake of ours stays as it is. */
function rethrow(error: unknown): never {
  throw asCoded(error)
}

function asCoded(error: unknown): unknown {
  if (!(error instanceof Error) || error instanceof CodedError) return error
  const { code } = error as { code?: string }
  if (code && RETRYABLE.has(code))
    return new CodedError('DATABASE_CONFLICT', error.message, { retriable: true, cause: error })
  if (code === '0A000' && error.message.startsWith('cached plan'))
    return new CodedError('DATABASE_PLAN_STALE', 'a table was changed since the statement was prepared', {
      retriable: true,
      cause: error,
    })
  if (isAway(code, error.message))
    return new Unavailable('DATABASE_AWAY', 'the database cannot be reached or is restarting', { cause: error })
  return error
}

const AWAY = new Set([
  ...['ECONNREFUSED', 'ECONNRESET', 'ECONNABORTED', 'EPIPE', 'ETIMEDOUT', 'ENOTFOUND', 'ENOENT'],
  ...['EAI_AGAIN', 'EHOSTUNREACH', 'ENETUNREACH', 'EHOSTDOWN', 'ENETDOWN'],
  '25P03', // ended as it idled in a transaction
  '25006', // read-only: after a failover, until the connections are those of the new primary
])

function isAway(code: string | undefined, message: string): boolean {
  // Class 08 is a lost connection, 53 exhausted resources, 57P0x a shutdown or restart (PostgreSQL manual, appendix A).
  if (code) return AWAY.has(code) || /^(08|53|57P0)/.test(code)
  return /Connection terminated|Query read timeout|timeout exceeded when trying to connect|Client has encountered a connection error|not queryable/.test(
    message,
  )
}

/** Whether the server refused a row because a column that must have a value had none. */
export function isNotNullViolation(error: unknown): boolean {
  return (error as { code?: string } | undefined)?.code === '23502'
}
