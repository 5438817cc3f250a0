import { randomBytes } from 'node:crypto'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { Unavailable } from '#pipelines/kernel/errors.ts'
import { type Closable, pause } from '#pipelines/kernel/lifecycle.ts'
import type { Log } from '#pipelines/kernel/log.ts'
import { authenticate } from './access.ts'
import { readCall } from './call.ts'
import type { ServerConfig } from './config.ts'
import { openEngine } from './engine.ts'
import { badArguments, toServerError } from './errors.ts'
import { createGuard } from './guard/guard.ts'
import { scopeOf } from './guard/scope.ts'
import { createLane } from './lanes.ts'
import { firstWord } from './lexer.ts'
import { type Performer, performInsert, performStatement } from './perform.ts'
import { sendError } from './reply.ts'
import { createSessions } from './sessions.ts'
import { createSpool } from './spool.ts'
import { readWork } from './work.ts'

/** How many statements run at once. The libuv pool (main.ts) must have room for all of them, for kills and for files. */
const LANES = {
  reads: { atOnce: 8, perAsker: 8, waiting: 200, waitMs: 60_000 },
  analysts: { atOnce: 6, perAsker: 4, waiting: 50, waitMs: 20_000 },
  inserts: { atOnce: 2, perAsker: 2, waiting: 200, waitMs: 60_000 },
} as const

const READS = new Set(['SELECT', 'WITH', 'FROM', 'SHOW', 'DESCRIBE', 'DESC', 'EXPLAIN', 'EXISTS'])

export interface ClickHouseServer extends Closable {
  readonly url: string
}

interface Running {
  readonly tag: string
  readonly queryId: string
  readonly role: string
  readonly onlyReads: boolean
  /** Stops it, whether it waits or runs, until it is over. */
  stop(): Promise<void>
}

/** The embedded ClickHouse behind its HTTP interface. */
export async function startClickHouse(config: ServerConfig, log: Log): Promise<ClickHouseServer> {
  const engine = await openEngine(config.dataDir)
  const scope = scopeOf(config.published)
  const performer: Performer = {
    engine,
    scope,
    guard: await createGuard(engine, scope),
    sessions: createSessions(engine),
    spool: await createSpool(config.dataDir, config.maxBodyBytes),
    lanes: {
      reads: createLane('reads', LANES.reads),
      analysts: createLane('queries of analysts', LANES.analysts),
      inserts: createLane('inserts', LANES.inserts),
    },
  }
  const running = new Map<string, Running>()
  let closing = false

  async function query(request: IncomingMessage, response: ServerResponse, url: URLSearchParams) {
    const tag = randomBytes(8).toString('hex')
    const left = new AbortController()
    let queryId = url.get('query_id') ?? ''
    async function stop() {
      left.abort()
      // Again and again, as a statement that is just being set up is not found by the first kill.
      while (running.has(tag)) {
        await engine.kill(tag).catch((err: unknown) => log.warn({ err }, 'could not stop a statement'))
        await pause(100)
      }
    }
    response.on('close', () => {
      if (!response.writableFinished) void stop()
    })
    try {
      const call = readCall(request, url, authenticate(request, url, config.users))
      queryId = call.queryId
      const work = await readWork(request, call)
      const turn = { call, tag, signal: left.signal, response }
      if (work.kind === 'statement' && firstWord(work.sql) === 'KILL') {
        await killFor(call.role, work.sql)
        response.end()
        return
      }
      running.set(tag, {
        tag,
        queryId,
        role: call.role,
        onlyReads: work.kind === 'statement' && READS.has(firstWord(work.sql)),
        stop,
      })
      if (work.kind === 'insert') await performInsert(performer, turn, work)
      else await performStatement(performer, turn, work.sql)
    } catch (error) {
      if (left.signal.aborted) {
        response.destroy()
        return
      }
      const told = toServerError(error, `${performer.spool.folder}/${tag}`)
      if (told.number === 1002) log.error({ err: error, queryId }, 'statement failed unexpectedly')
      sendError(response, told, { queryId, version: engine.version })
      if (!request.complete) request.destroy() // the rest of a body that nobody reads
    } finally {
      running.delete(tag)
    }
  }

  /** Clients know the id they gave; the engine knows another one. */
  async function killFor(role: string, sql: string) {
    const [, queryId] = /query_id\s*=\s*'([^']*)'/i.exec(sql) ?? []
    if (queryId === undefined) throw badArguments("only KILL QUERY WHERE query_id = '…' is understood")
    for (const one of running.values())
      if (one.queryId === queryId && (role === 'admin' || one.role === role)) await engine.kill(one.tag)
  }

  const server = createServer((request, response) => {
    const { pathname, searchParams } = new URL(request.url ?? '/', 'http://localhost')
    if (closing) response.setHeader('Connection', 'close')
    if (pathname === '/ping' || pathname === '/replicas_status') {
      response.writeHead(closing ? 503 : 200, { 'Content-Type': 'text/plain; charset=UTF-8' }).end('Ok.\n')
    } else if (pathname === '/' || pathname === '/query') {
      if (request.method === 'GET' && !searchParams.has('query')) response.end('Ok.\n')
      else void query(request, response, searchParams)
    } else
      response.writeHead(404, { 'Content-Type': 'text/plain; charset=UTF-8' }).end(`There is no handle ${pathname}\n`)
  })
  server.requestTimeout = 0 // an insert may stream for as long as it likes
  server.keepAliveTimeout = 10_000
  await new Promise<void>((resolve, reject) => {
    server.once('error', (cause: NodeJS.ErrnoException) =>
      reject(
        new Unavailable(
          'LISTEN_FAILED',
          `cannot listen on ${config.host}:${config.port} (${cause.code}): set CLICKHOUSE_PORT`,
          { cause },
        ),
      ),
    )
    server.listen(config.port, config.host, resolve)
  }).catch(async (error: unknown) => {
    await engine.close()
    throw error
  })
  const { port } = server.address() as AddressInfo

  let closed: Promise<void> | undefined
  /** Reads are stopped, what writes is finished, then the engine closes. */
  async function close() {
    closing = true
    const listening = new Promise<void>((resolve) => server.close(() => resolve()))
    server.closeIdleConnections()
    const reads = [...running.values()].filter((one) => one.onlyReads)
    await Promise.all(reads.map((one) => one.stop()))
    await listening
    await performer.sessions.close()
    await performer.spool.close()
    await engine.close()
  }
  return { url: `http://${config.host}:${port}`, close: () => (closed ??= close()) }
}
