import Type from 'typebox'
import { Uuid } from '#pipelines/http/schemas.ts'
import type { HttpApp, Routes } from '#pipelines/http/types.ts'
import { SECOND } from '#pipelines/kernel/clock.ts'
import type { Database } from '#pipelines/kernel/database.ts'
import { pause } from '#pipelines/kernel/lifecycle.ts'
import { followExecution } from '../executions/follow.ts'
import { findExecution } from '../executions/list.ts'
import { unknownExecution } from '../executions/operate.ts'
import { readOutput } from '../executions/output.ts'
import { nullable, READS, Status } from './schemas.ts'

const Piece = Type.Object({
  seq: Type.Integer(),
  stream: Type.String({ enum: ['stdout', 'stderr'] }),
  text: Type.String(),
})
/** The pieces of an output are counted by a 32-bit number. */
const MOST_SEQ = 2_147_483_647
/** A server-sent event as its fields, which is how OpenAPI 3.2 describes a stream. */
const StreamEvent = Type.Object({
  event: Type.String({ enum: ['status', 'output', 'end'] }),
  data: Type.String({ description: 'JSON' }),
  id: Type.Optional(Type.String({ description: 'Of a piece: for Last-Event-ID' })),
})
const ById = Type.Object({ id: Uuid })
/** Proxies end a connection that is silent for a minute. */
const COMMENT_EVERY_MS = 15 * SECOND

/** What a run writes: as it stands, or as it comes (server-sent events, WHATWG HTML section 9.2). */
export function outputRoutes(database: Database): Routes {
  return (app: HttpApp) => {
    const tags = ['executions']
    app.get(
      '/v1/executions/:id/output',
      {
        config: { access: READS },
        schema: {
          tags,
          summary: 'The last 64 KB of what a run wrote',
          params: ById,
          querystring: Type.Object({
            after: Type.Integer({
              minimum: 0,
              maximum: MOST_SEQ,
              default: 0,
              description: 'Only pieces after this one',
            }),
          }),
          response: {
            200: Type.Object({
              status: Status,
              bytes: Type.Integer(),
              exitCode: nullable(Type.Integer()),
              items: Type.Array(Piece),
            }),
          },
        },
      },
      async ({ params: { id }, query: { after } }) => {
        const execution = await findExecution(database, id)
        if (!execution) throw unknownExecution(id)
        const { status, outputBytes: bytes, exitCode } = execution
        return { status, bytes, exitCode, items: [...(await readOutput(database, id, after))] }
      },
    )

    app.get(
      '/v1/executions/:id/output/stream',
      {
        config: { access: READS },
        schema: {
          tags,
          summary: 'The same as server-sent events, until the run ends: status, output and, at last, end',
          params: ById,
          response: {
            200: { description: 'The events', content: { 'text/event-stream': { schema: StreamEvent } } },
          },
        },
      },
      async (request, reply) => {
        const { id } = request.params
        if (!(await findExecution(database, id))) throw unknownExecution(id)
        const gone = new AbortController()
        request.raw.on('close', () => gone.abort())
        reply.hijack()
        const { raw } = reply
        raw.writeHead(200, {
          'content-type': 'text/event-stream',
          'cache-control': 'no-store',
          'x-accel-buffering': 'no',
        })
        const alive = setInterval(() => raw.write(': still there\n\n'), COMMENT_EVERY_MS)
        try {
          const from = Number(request.headers['last-event-id'] ?? 0)
          for await (const event of followExecution(database, id, {
            after: Number.isInteger(from) && from >= 0 && from <= MOST_SEQ ? from : 0,
            signal: gone.signal,
          })) {
            const idLine = event.type === 'output' ? `id: ${event.seq}\n` : ''
            const ok = raw.write(`event: ${event.type}\n${idLine}data: ${JSON.stringify(event)}\n\n`)
            if (!ok)
              await Promise.race([
                new Promise((resolve) => raw.once('drain', resolve)),
                pause(SECOND * 30, gone.signal),
              ])
          }
        } catch (error) {
          request.log.warn({ err: error }, 'following a run ended early')
        } finally {
          clearInterval(alive)
          raw.end()
        }
      },
    )
  }
}
