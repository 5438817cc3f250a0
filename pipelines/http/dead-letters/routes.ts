import Type from 'typebox'
import type { Part } from '#pipelines/flow/map.ts'
import type { Sql } from '#pipelines/kernel/database.ts'
import type { Acted, DeadLetters } from '#pipelines/stream/dead-letters/dead-letters.ts'
import { actionsOn, findDeadLetter, listDeadLetters } from '#pipelines/stream/dead-letters/store.ts'
import type { Codec } from '#schemas/codec/codec.ts'
import { decodeCursor, pageOf, pageQuery, toPage } from '../pages.ts'
import { conflict, notFound, type Problem } from '../problems.ts'
import { ProblemSchema, Uuid } from '../schemas.ts'
import type { HttpApp, Routes } from '../types.ts'
import { DeadLetterDetail, DeadLetterSchema, deadLetterDetail, deadLetterView, StateSchema } from './view.ts'

export interface DeadLetterRoutesOptions {
  readonly database: Sql
  readonly codec: Pick<Codec, 'decode'>
  readonly deadLetters: DeadLetters
}

const problems = { '4xx': ProblemSchema, '5xx': ProblemSchema }
const params = Type.Object({ id: Uuid })
const ActedSchema = Type.Object({
  id: Uuid,
  state: StateSchema,
  changed: Type.Boolean({ description: 'False if it was so before' }),
  note: Type.String({ description: 'What the handler, or the operator, said' }),
})
const Reason = Type.String({
  minLength: 1,
  maxLength: 500,
  pattern: '^(?=.*\\S)[^\\u0000-\\u001f\\u007f-\\u009f\\ud800-\\udfff]+$',
  description: 'Why nothing is lost by giving it up; kept',
})
/** As in the other commands: somebody who reads the list may have no right to act on it, so each has its own access. */
const config = { access: ['operator'] } as const

/** What this service's consumer could not handle, and what operators do about it. */
export function deadLetterRoutes(part: Part, { database, codec, deadLetters }: DeadLetterRoutesOptions): Routes {
  const tags = ['operation']

  function answerOf(id: string, acted: Acted) {
    if (acted.kind !== 'done') throw problemOf(acted)
    const { state, changed, note } = acted
    return { id, state, changed, note }
  }

  return (app: HttpApp) => {
    app.get(
      '/v1/dead-letters',
      {
        config,
        schema: {
          tags,
          summary: 'Records this service could not handle, newest first',
          querystring: Type.Object({
            ...pageQuery,
            state: Type.Optional(StateSchema),
            topic: Type.Optional(Type.String({ minLength: 1, maxLength: 249 })),
            code: Type.Optional(Type.String({ minLength: 1, maxLength: 100, description: 'Of the reason' })),
          }),
          response: { 200: pageOf(DeadLetterSchema), ...problems },
        },
      },
      async ({ query }) => {
        const { limit, cursor, ...filter } = query
        const before = cursor === undefined ? undefined : decodeCursor(cursor, Type.String({ format: 'uuid' }))
        const rows = await listDeadLetters(database, part, { ...filter, before, limit: limit + 1 })
        const page = toPage(
          rows,
          limit,
          ({ id }) => id,
          (row) => row,
        )
        const items = await Promise.all(page.items.map((letter) => deadLetterView(letter, codec)))
        return { items, nextCursor: page.nextCursor }
      },
    )

    app.get(
      '/v1/dead-letters/:id',
      {
        config,
        schema: {
          tags,
          summary: 'One of them, with what was done about it',
          params,
          response: { 200: DeadLetterDetail, ...problems },
        },
      },
      async ({ params: { id } }) => {
        const letter = await findDeadLetter(database, part, id)
        if (!letter) throw unknown()
        return deadLetterDetail(letter, await actionsOn(database, id), codec)
      },
    )

    app.post(
      '/v1/dead-letters/:id/replay',
      {
        config,
        schema: {
          tags,
          summary: "Runs this service's handler on it again, once; no other service sees it",
          params,
          response: { 200: ActedSchema, ...problems },
        },
      },
      async ({ params: { id }, principal }) => answerOf(id, await deadLetters.replay(id, principal.subject)),
    )

    app.post(
      '/v1/dead-letters/:id/discard',
      {
        config,
        schema: {
          tags,
          summary: 'Gives it up, for a reason',
          params,
          body: Type.Object({ reason: Reason }),
          response: { 200: ActedSchema, ...problems },
        },
      },
      async ({ params: { id }, body: { reason }, principal }) =>
        answerOf(id, await deadLetters.discard(id, principal.subject, reason)),
    )
  }
}

function unknown(): Problem {
  return notFound('DEAD_LETTER_UNKNOWN', 'this service has no such dead letter')
}

function problemOf(acted: Exclude<Acted, { kind: 'done' }>): Problem {
  switch (acted.kind) {
    case 'unknown':
      return unknown()
    case 'ended':
      return conflict('DEAD_LETTER_ENDED', `it is ${acted.state} already`, { extensions: { state: acted.state } })
    case 'refused':
      return conflict('REPLAY_REFUSED', `it still cannot be handled, and stays as it is: ${acted.reason}`, {
        extensions: { reasonCode: acted.code },
      })
  }
}
