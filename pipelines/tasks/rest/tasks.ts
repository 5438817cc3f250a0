import Type from 'typebox'
import { notFound } from '#pipelines/http/problems.ts'
import { Uuid } from '#pipelines/http/schemas.ts'
import type { HttpApp, Routes } from '#pipelines/http/types.ts'
import type { Database } from '#pipelines/kernel/database.ts'
import { checkedArguments } from '../arguments.ts'
import type { Catalog } from '../catalog.ts'
import { launch } from '../executions/operate.ts'
import { type TaskState, taskStates } from '../executions/states.ts'
import { ACTS, Arguments, Launched, Name, READS, Task, why } from './schemas.ts'

const LaunchBody = Type.Object({
  arguments: Type.Optional(Arguments),
  requestId: Type.Optional(Type.String({ format: 'uuid', description: 'Asked twice with the same, it runs once' })),
  parentId: Type.Optional(Uuid),
  externalId: Type.Optional(Type.String({ maxLength: 200, description: 'What it is called elsewhere' })),
  priority: Type.Optional(Type.Integer({ minimum: -100, maximum: 100, description: 'Greater goes first. Default 0' })),
})

/** What tasks there are, and asking for a run. */
export function taskListRoutes(database: Database, catalog: Catalog): Routes {
  const view = (name: string, state: TaskState | undefined) => ({
    name,
    description: catalog.find(name)?.description ?? '',
    problem: catalog.problemOf(name) ?? null,
    arguments: (catalog.find(name)?.arguments as Record<string, unknown> | undefined) ?? null,
    policy: catalog.policyOf(name) ?? null,
    queued: state?.queued ?? 0,
    running: state?.running ?? 0,
    lastExecution: state?.lastExecution ?? null,
    lastSuccessAt: state?.lastSuccessAt ?? null,
  })

  return (app: HttpApp) => {
    const tags = ['tasks']
    app.get(
      '/v1/tasks',
      {
        config: { access: READS },
        schema: { tags, summary: 'All tasks', response: { 200: Type.Object({ items: Type.Array(Task) }) } },
      },
      async () => {
        const states = await taskStates(database, catalog.names)
        return { items: catalog.names.map((name) => view(name, states.get(name))) }
      },
    )

    app.post(
      '/v1/tasks/:name/executions',
      {
        config: { access: ACTS },
        schema: {
          tags,
          summary: 'Ask for a run: it is QUEUED, and started when there is room',
          params: Type.Object({ name: Name }),
          querystring: Type.Object(why),
          body: LaunchBody,
          response: { 202: Launched },
        },
      },
      async (request, reply) => {
        const { name } = request.params
        const { arguments: given = {}, requestId, parentId, externalId, priority } = request.body
        if (!catalog.names.includes(name))
          throw notFound('TASK_UNKNOWN', `there is no such task: there are ${catalog.names.join(', ')}`)
        const task = catalog.find(name)
        if (task) await checkedArguments(task, given)
        const asked = {
          taskName: name,
          arguments: given,
          trigger: parentId === undefined ? 'MANUAL' : 'PARENT',
          policy: task?.policy,
        } as const
        const who = { actor: request.principal.subject, reason: request.query.reason }
        const launched = await launch(database, { ...asked, requestId, parentId, externalId, priority }, who)
        return reply.code(202).send({ ...launched, links: { execution: `/v1/executions/${launched.executionId}` } })
      },
    )
  }
}
