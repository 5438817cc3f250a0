import Type from 'typebox'
import { instantOf } from '#pipelines/http/instants.ts'
import { decodeCursor, pageOf, pageQuery, toPage } from '#pipelines/http/pages.ts'
import { Timestamp, Uuid } from '#pipelines/http/schemas.ts'
import type { HttpApp, Routes } from '#pipelines/http/types.ts'
import type { Database } from '#pipelines/kernel/database.ts'
import type { Catalog } from '../catalog.ts'
import { attemptsOf, childrenOf, findExecution, listExecutions } from '../executions/list.ts'
import { cancel, retry, unknownExecution } from '../executions/operate.ts'
import { ACTS, Execution, ExecutionSummary, Launched, Name, READS, Status, why } from './schemas.ts'

const Position = Type.Object({
  requestedAtUs: Type.Integer({ minimum: 0, maximum: Number.MAX_SAFE_INTEGER }),
  executionId: Type.String({ format: 'uuid' }),
})
const ById = Type.Object({ id: Uuid })

/** Executions: a list that does not slow down with its length, the whole record, and what an operator does to one. */
export function executionRoutes(database: Database, catalog: Catalog): Routes {
  return (app: HttpApp) => {
    const tags = ['executions']
    app.get(
      '/v1/executions',
      {
        config: { access: READS },
        schema: {
          tags,
          summary: 'Executions, newest first',
          querystring: Type.Object({
            ...pageQuery,
            task: Type.Optional(Name),
            status: Type.Optional(Status),
            schedule: Type.Optional(Name),
            since: Type.Optional(Timestamp),
          }),
          response: { 200: pageOf(ExecutionSummary) },
        },
      },
      async ({ query }) => {
        const { task, status, schedule, since, cursor, limit } = query
        const before = cursor === undefined ? undefined : decodeCursor(cursor, Position)
        const filter = {
          taskName: task,
          status,
          scheduleName: schedule,
          since: since === undefined ? undefined : instantOf(since),
          before,
          limit: limit + 1,
        }
        const rows = await listExecutions(database, filter)
        return toPage(
          rows,
          limit,
          ({ position }) => position,
          ({ position: _, ...item }) => item,
        )
      },
    )

    app.get(
      '/v1/executions/:id',
      {
        config: { access: READS },
        schema: { tags, summary: 'All about one', params: ById, response: { 200: Execution } },
      },
      async ({ params: { id } }) => {
        const execution = await findExecution(database, id)
        if (!execution) throw unknownExecution(id)
        const [attempts, children] = await Promise.all([
          attemptsOf(database, execution.runId),
          childrenOf(database, id),
        ])
        return { ...execution, attempts: [...attempts], children: [...children] }
      },
    )

    app.post(
      '/v1/executions/:id/cancel',
      {
        config: { access: ACTS },
        schema: {
          tags,
          summary: 'End a run: at once if it waits; one that runs is told to stop, and killed if it does not',
          params: ById,
          querystring: Type.Object(why),
          response: { 202: Type.Object({ executionId: Uuid, status: Status }) },
        },
      },
      async (request, reply) => {
        const { id } = request.params
        const who = { actor: request.principal.subject, reason: request.query.reason }
        return reply.code(202).send({ executionId: id, status: await cancel(database, id, who) })
      },
    )

    app.post(
      '/v1/executions/:id/retry',
      {
        config: { access: ACTS },
        schema: {
          tags,
          summary: 'Run the same again, with its arguments and from its checkpoint',
          params: ById,
          querystring: Type.Object(why),
          response: { 202: Launched },
        },
      },
      async (request, reply) => {
        const { id } = request.params
        const taskName = (await findExecution(database, id))?.taskName ?? ''
        const who = { actor: request.principal.subject, reason: request.query.reason }
        const executionId = await retry(database, id, who, catalog.policyOf(taskName))
        return reply
          .code(202)
          .send({ executionId, created: true, links: { execution: `/v1/executions/${executionId}` } })
      },
    )
  }
}
