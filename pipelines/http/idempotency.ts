import { createHash } from 'node:crypto'
import type { FastifyReply, FastifyRequest } from 'fastify'
import type { Sql, Tx } from '#pipelines/kernel/database.ts'
import { badRequest, conflict, type Problem, unprocessable } from './problems.ts'

/** The folder of the table; give it to `migrate` before the service's own. */
export const idempotencyMigrations = new URL('./migrations', import.meta.url).pathname

/** What a request was answered, and how long the answer is kept: a client that asks again within that time gets the same one. */
export interface Answer {
  readonly status: number
  readonly body: unknown
  readonly headers?: Readonly<Record<string, string>>
  /** `no`: the request had no effect and may be tried again under its key, such as a refusal the client can resolve. */
  readonly keep: '7 days' | 'for good' | 'no'
}

/** A request that can be repeated: whose, which route, under which key, with what content. */
export interface Repeatable {
  readonly subject: string
  /** Method and pattern, such as `POST /v1/basket/checkout`. */
  readonly route: string
  readonly key: string
  /** Digest of the content: body and path parameters. */
  readonly bodyHash: Buffer
}

/**
 * Reads `Idempotency-Key`, or `x-requestid` where that is absent.
 * @throws Problem 400 `IDEMPOTENCY_KEY_REQUIRED`, `IDEMPOTENCY_KEY_INVALID`
 */
export function readRepeatable(request: FastifyRequest): Repeatable {
  const named = unquoted(request.headers['idempotency-key'])
  const other = unquoted(request.headers['x-requestid'])
  const key = named ?? other
  if (key === undefined)
    throw keyProblem('IDEMPOTENCY_KEY_REQUIRED', 'is required: any text that is new for each request')
  if (named !== undefined && other !== undefined && named !== other) {
    throw keyProblem('IDEMPOTENCY_KEY_INVALID', 'must not differ from x-requestid')
  }
  if (!/^[\x21-\x7e]{1,255}$/.test(key)) {
    throw keyProblem('IDEMPOTENCY_KEY_INVALID', 'must be 1 to 255 visible ASCII characters without spaces')
  }
  return {
    subject: request.principal.subject,
    route: `${request.method} ${request.routeOptions.url}`,
    key,
    bodyHash: createHash('sha256')
      .update(canonical([request.params, request.body]))
      .digest(),
  }
}

/**
 * Runs `work` once per key. Call it first in a transaction and let `work` use the same one: effect and answer are committed together,
 * so a crash leaves both or neither. What `work` throws rolls both back, so failures are never stored.
 * @throws Problem 409 `IDEMPOTENCY_IN_FLIGHT` while the first request is still at work, 422 `IDEMPOTENCY_KEY_REUSED` for another body
 */
export async function once(
  tx: Tx,
  request: Repeatable,
  work: () => Promise<Answer>,
): Promise<Answer & { readonly replayed: boolean }> {
  const { subject, route, key, bodyHash } = request
  const [seen] = await tx.query<{
    locked: boolean
    status: number | null
    headers: Answer['headers']
    body: unknown
    same: boolean
  }>(
    `with lock as materialized (select pg_try_advisory_xact_lock(hashtextextended($1 || chr(10) || $2 || chr(10) || $3, 7261003)) as locked)
     select lock.locked, known.status, known.headers, known.body, known.body_hash = $4 as same
     from lock left join http_idempotency known on known.subject = $1 and known.route = $2 and known.key = $3
       and (known.expires_at is null or known.expires_at > now())`,
    [subject, route, key, bodyHash],
  )
  if (seen && seen.status !== null) {
    if (!seen.same) {
      throw unprocessable('IDEMPOTENCY_KEY_REUSED', 'this idempotency key was used with another body: take a new one')
    }
    return { status: seen.status, headers: seen.headers ?? {}, body: seen.body, keep: 'no', replayed: true }
  }
  if (!seen?.locked) throw inFlight()
  const answer = await work()
  if (answer.keep !== 'no' && answer.status < 500) await store(tx, request, answer)
  return { ...answer, replayed: false }
}

async function store(tx: Tx, { subject, route, key, bodyHash }: Repeatable, answer: Answer): Promise<void> {
  const stored = await tx.query(
    `insert into http_idempotency as known (subject, route, key, body_hash, status, headers, body, expires_at)
     values ($1, $2, $3, $4, $5, $6, $7, case when $8 then null else now() + interval '7 days' end)
     on conflict (subject, route, key) do update set body_hash = excluded.body_hash, status = excluded.status,
       headers = excluded.headers, body = excluded.body, created_at = now(), expires_at = excluded.expires_at
       where known.expires_at <= now()
     returning 1`,
    [
      subject,
      route,
      key,
      bodyHash,
      answer.status,
      JSON.stringify(answer.headers ?? {}),
      JSON.stringify(answer.body ?? null),
      answer.keep === 'for good',
    ],
  )
  // The first request committed between our look and our lock: roll this one back, the caller finds the answer when asking again.
  if (stored.length === 0) throw inFlight()
}

/** Sends an answer, marked when it is that of an earlier request. */
export function sendAnswer(reply: FastifyReply, answer: Answer & { readonly replayed: boolean }): FastifyReply {
  if (answer.replayed) reply.header('idempotency-replayed', 'true')
  return reply
    .code(answer.status)
    .headers({ ...answer.headers })
    .send(answer.body)
}

/** Removes what has expired, a limited number at a time. */
export async function pruneIdempotency(sql: Sql, most = 5_000): Promise<number> {
  const removed = await sql.query(
    `delete from http_idempotency where ctid = any(array(select ctid from http_idempotency where expires_at <= now() limit $1)) returning 1`,
    [most],
  )
  return removed.length
}

function inFlight(): Problem {
  return conflict('IDEMPOTENCY_IN_FLIGHT', 'the first request with this key is still at work: ask again in a moment', {
    headers: { 'retry-after': '1' },
  })
}

function keyProblem(code: string, detail: string): Problem {
  return badRequest(code, 'the idempotency key is missing or not usable', {
    errors: [{ pointer: '/idempotency-key', detail, in: 'header' }],
  })
}

/** The draft standard writes the key as a quoted string; most clients do not. */
function unquoted(header: string | string[] | undefined): string | undefined {
  if (header === undefined) return undefined
  return [header]
    .flat()
    .join(',')
    .trim()
    .replace(/^"(.*)"$/, '$1')
}

/** The same content gives the same text, whatever the order of its properties. */
function canonical(value: unknown): string {
  const sorted = (_name: string, part: unknown) =>
    part !== null && typeof part === 'object' && !Array.isArray(part)
      ? Object.fromEntries(Object.entries(part).sort(([a], [b]) => (a < b ? -1 : 1)))
      : part
  return JSON.stringify(value, sorted)
}
