import type { FastifyReply } from 'fastify'
import Type from 'typebox'
import { checkVersion, etagOf, readIfMatch } from '#pipelines/http/etags.ts'
import { instantOf } from '#pipelines/http/instants.ts'
import { unprocessable } from '#pipelines/http/problems.ts'
import { Timestamp } from '#pipelines/http/schemas.ts'
import type { HttpApp, Routes } from '#pipelines/http/types.ts'
import type { Database } from '#pipelines/kernel/database.ts'
import { checkedArguments } from '../arguments.ts'
import type { Catalog } from '../catalog.ts'
import { pauseSchedule, removeSchedule, resumeSchedule, runNow, setSchedule, unknown } from '../schedules/change.ts'
import { upcoming } from '../schedules/next.ts'
import { findSchedule, listSchedules } from '../schedules/store.ts'
import { ACTS, Launched, Name, READS, Schedule, ScheduleBody, ScheduleDetail, why } from './schemas.ts'

const ByName = Type.Object({ name: Name })
const SHOWN = 5

/** Schedules: what runs when, and every change of it with who, when, before and after (`/v1/audit`). */
export function scheduleRoutes(database: Database, catalog: Catalog): Routes {
  async function show(reply: FastifyReply, name: string) {
    const stored = await findSchedule(database, name)
    if (!stored) throw unknown(name)
    reply.header('etag', etagOf(stored.schedule.version))
    return { ...stored.schedule, next: [...upcoming(stored, SHOWN)] }
  }

  return (app: HttpApp) => {
    const tags = ['schedules']
    const response = { 200: ScheduleDetail }
    app.get(
      '/v1/schedules',
      {
        config: { access: READS },
        schema: { tags, summary: 'All schedules', response: { 200: Type.Object({ items: Type.Array(Schedule) }) } },
      },
      async () => ({ items: (await listSchedules(database)).map(({ schedule }) => schedule) }),
    )
    app.get(
      '/v1/schedules/:name',
      {
        config: { access: READS },
        schema: { tags, summary: 'One, with its next due times', params: ByName, response },
      },
      async ({ params: { name } }, reply) => show(reply, name),
    )
    app.get(
      '/v1/schedules/:name/next',
      {
        config: { access: READS },
        schema: {
          tags,
          summary: 'Its due times to come, also beyond a change of the clocks',
          params: ByName,
          querystring: Type.Object({
            count: Type.Integer({ minimum: 1, maximum: 100, default: SHOWN }),
            from: Type.Optional(Timestamp),
          }),
          response: { 200: Type.Object({ items: Type.Array(Timestamp) }) },
        },
      },
      async ({ params: { name }, query: { count, from } }) => {
        const stored = await findSchedule(database, name)
        if (!stored) throw unknown(name)
        return { items: [...upcoming(stored, count, from === undefined ? undefined : instantOf(from).getTime())] }
      },
    )
    app.put(
      '/v1/schedules/:name',
      {
        config: { access: ACTS },
        schema: {
          tags,
          summary: 'Make a schedule, or change one (If-Match with the ETag of the version you have seen)',
          params: ByName,
          querystring: Type.Object(why),
          body: ScheduleBody,
          response,
        },
      },
      async (request, reply) => {
        const { name } = request.params
        const { taskName, arguments: given = {} } = request.body
        if (!catalog.names.includes(taskName))
          throw unprocessable('TASK_UNKNOWN', `there is no such task: there are ${catalog.names.join(', ')}`)
        const task = catalog.find(taskName)
        if (task) await checkedArguments(task, given)
        await setSchedule(
          database,
          { name, ...request.body },
          {
            actor: request.principal.subject,
            reason: request.query.reason,
            expected: (version) => version !== undefined && checkVersion(readIfMatch(request), version),
          },
        )
        return show(reply, name)
      },
    )
    for (const [verb, change, summary] of [
      ['pause', pauseSchedule, 'Fire no more until it is resumed'],
      ['resume', resumeSchedule, 'Go on from now: what became due meanwhile is not made up for'],
    ] as const)
      app.post(
        `/v1/schedules/:name/${verb}`,
        {
          config: { access: ACTS },
          schema: { tags, summary, params: ByName, querystring: Type.Object(why), response },
        },
        async (request, reply) => {
          const { name } = request.params
          await change(database, name, { actor: request.principal.subject, reason: request.query.reason })
          return show(reply, name)
        },
      )
    app.post(
      '/v1/schedules/:name/run-now',
      {
        config: { access: ACTS },
        schema: {
          tags,
          summary: 'Run it once now, beside its due times and also while it is paused',
          params: ByName,
          querystring: Type.Object(why),
          response: { 202: Launched },
        },
      },
      async (request, reply) => {
        const { name } = request.params
        const stored = await findSchedule(database, name)
        if (!stored) throw unknown(name)
        const who = { actor: request.principal.subject, reason: request.query.reason }
        const executionId = await runNow(database, name, who, catalog.policyOf(stored.schedule.taskName))
        return reply
          .code(202)
          .send({ executionId, created: true, links: { execution: `/v1/executions/${executionId}` } })
      },
    )
    app.delete(
      '/v1/schedules/:name',
      {
        config: { access: ACTS },
        schema: {
          tags,
          summary: 'Remove one that an operator made',
          params: ByName,
          querystring: Type.Object(why),
          response: { 204: Type.Null() },
        },
      },
      async (request, reply) => {
        await removeSchedule(database, request.params.name, {
          actor: request.principal.subject,
          reason: request.query.reason,
        })
        return reply.code(204).send(null)
      },
    )
  }
}
