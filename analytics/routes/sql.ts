import type { ClickHouseClient } from '@clickhouse/client'
import { badRequest, forbidden, Problem, unprocessable } from '#pipelines/http/problems.ts'
import type { Routes } from '#pipelines/http/types.ts'
import { Type } from '#pipelines/kernel/config.ts'
import { answer, QuestionRefused } from '../queries/question.ts'
import { Count, Text } from './shapes.ts'
import { placeIn } from './sql-place.ts'

const Scalar = Type.Union([Type.String(), Type.Number(), Type.Boolean(), Type.Null()])

const Body = Type.Object({
  sql: Type.String({
    minLength: 1,
    maxLength: 50_000,
    description: 'One statement: SELECT, SHOW, DESCRIBE, EXPLAIN or EXISTS, without FORMAT and SETTINGS',
  }),
  parameters: Type.Optional(
    Type.Record(Type.String({ pattern: '^[A-Za-z_]\\w{0,60}$' }), Type.Union([Scalar, Type.Array(Scalar)]), {
      description: 'Values of `{name:Type}` in the statement',
      maxProperties: 50,
    }),
  ),
  maxRows: Type.Optional(
    Type.Integer({ minimum: 1, maximum: 10_000, description: 'Rows answered at most, 1000 if not given' }),
  ),
  timeoutMs: Type.Optional(
    Type.Integer({ minimum: 100, maximum: 60_000, description: 'Stops the statement after it, 30 000 if not given' }),
  ),
})

const Answer = Type.Object({
  columns: Type.Array(Type.Object({ name: Text, type: Type.String({ description: "ClickHouse's type" }) })),
  rows: Type.Array(Type.Array(Type.Unknown()), {
    description: 'One array per row, in the order of the columns; a number of more digits than a double holds is text',
  }),
  truncated: Type.Boolean({ description: 'There were more rows than maxRows' }),
  statistics: Type.Object({ elapsedMs: Type.Number(), rowsRead: Count, bytesRead: Count }),
})

/** SQL by whoever may analyse, held by ClickHouse to the published views and to an analyst's limits. `db` is the analyst there. */
export function sqlRoutes(db: ClickHouseClient): Routes {
  return (app) => {
    app.post(
      '/v1/sql',
      {
        config: { access: ['analyst'] },
        schema: { summary: 'One statement over the published views', body: Body, response: { 200: Answer } },
      },
      async (request, reply) => {
        const { sql, parameters = {}, maxRows = 1_000, timeoutMs = 30_000 } = request.body
        const left = new AbortController()
        reply.raw.once('close', () => left.abort())
        try {
          return await answer(
            db,
            { sql, parameters, maxRows, timeoutMs, asker: request.principal.subject },
            left.signal,
          )
        } catch (error) {
          throw error instanceof QuestionRefused ? refusal(error, sql) : error
        }
      },
    )
  }
}

const FORBIDDEN = new Set([164, 497])
/** Longer, larger or more than an analyst gets: the statement is fine and has to ask for less. */
const BEYOND_LIMITS = new Set([158, 159, 160, 241, 307, 396])

/** The statement is the caller's own, so unlike other problems this one repeats what ClickHouse says about it. */
function refusal(error: QuestionRefused, sql: string): Problem {
  const { number, code: type, message } = error
  const position = placeIn(sql, message)
  const extensions = { clickhouse: { code: number, type }, ...(position && { position }) }
  if (FORBIDDEN.has(number)) return forbidden('SQL_FORBIDDEN', message, { extensions })
  if (BEYOND_LIMITS.has(number)) return unprocessable('SQL_BEYOND_LIMITS', message, { extensions })
  if (number === 394) return new Problem(503, 'SQL_STOPPED', 'the statement was stopped', { extensions })
  return badRequest('SQL_REFUSED', message, { extensions })
}
