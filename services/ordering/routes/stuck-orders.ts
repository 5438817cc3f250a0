import Type, { type Static } from 'typebox'
import { conflict } from '#pipelines/http/problems.ts'
import type { Publisher } from '#pipelines/http/publisher.ts'
import { ProblemSchema, Timestamp, Uuid } from '#pipelines/http/schemas.ts'
import type { Routes } from '#pipelines/http/types.ts'
import type { Database } from '#pipelines/kernel/database.ts'
import type { LateOrder, Verdict, Why } from '../reconciler/decide.ts'
import type { ReconcilerMetrics } from '../reconciler/metrics.ts'
import type { ReconcilerSettings } from '../reconciler/settings.ts'
import { redrive } from '../redrive.ts'
import { lockOrder } from '../store/orders.ts'
import { waitingOrders } from '../store/waiting.ts'
import { noSuchOrder } from './read-orders.ts'
import { OrderParams, StatusSchema } from './schemas.ts'

const problems = { '4xx': ProblemSchema, '5xx': ProblemSchema }
const WHY: Readonly<Record<Why, string>> = {
  GRACE_TASK_SILENT: 'its grace period is over and nobody has confirmed it: is the grace-period task running?',
  NOT_READ: 'the question has not been read: is the one it waits for running, and how far behind is it?',
  NO_ANSWER:
    'the question was read and not answered: it is asked again; look into the dead letters of the one it waits for',
  ANSWER_NOT_READ: 'ordering is behind with the answers: look at its lag',
}
const WAITS_FOR = { Submitted: 'grace-period', AwaitingValidation: 'catalog', StockConfirmed: 'payment' } as const
const nullable = <S extends Type.TSchema>(schema: S) => Type.Union([schema, Type.Null()])

const StuckOrder = Type.Object({
  orderId: Uuid,
  status: StatusSchema,
  version: Type.Integer(),
  waitsFor: Type.Enum(['grace-period', 'catalog', 'payment'], { description: 'Who has to act' }),
  since: Timestamp,
  waitingSeconds: Type.Integer(),
  redrives: Type.Integer({ description: 'Times it was asked again' }),
  lastRedriveAt: nullable(Timestamp),
  nextRedriveAt: nullable(Timestamp),
  why: Type.Enum(['GRACE_TASK_SILENT', 'NOT_READ', 'NO_ANSWER', 'ANSWER_NOT_READ']),
  detail: Type.String({ description: 'The same in words, with where to look' }),
})

export interface StuckOrdersOptions {
  readonly database: Database
  readonly publisher: Pick<Publisher<'ordering'>, 'transaction' | 'publish'>
  readonly judge: (order: LateOrder) => Verdict
  readonly settings: ReconcilerSettings
  readonly metrics: Pick<ReconcilerMetrics, 'redriven'>
}

/** What operators see and do about orders that stand still. */
export function stuckOrderRoutes(options: StuckOrdersOptions): Routes {
  const { database, publisher, settings, judge, metrics } = options
  return (app) => {
    app.get(
      '/v1/orders/stuck',
      {
        schema: {
          tags: ['operation'],
          summary: 'Orders that wait for somebody for too long, longest first',
          querystring: Type.Object({
            overSeconds: Type.Optional(
              Type.Integer({
                minimum: 0,
                maximum: 31_536_000,
                description: 'Waiting for longer; default STUCK_AFTER_MS',
              }),
            ),
            limit: Type.Integer({ minimum: 1, maximum: 100, default: 20, description: 'Most items in the answer' }),
          }),
          response: { 200: Type.Object({ items: Type.Array(StuckOrder) }), ...problems },
        },
        config: { access: ['operator', 'support'] },
      },
      async ({ query: { overSeconds, limit } }) => {
        const overMs = overSeconds === undefined ? settings.stuckAfterMs : overSeconds * 1_000
        const waiting = await waitingOrders(database, overMs, limit)
        return { items: waiting.slice(0, limit).map((order) => stuckView(order, judge(order).why)) }
      },
    )

    app.post(
      '/v1/orders/:orderId/redrive',
      {
        schema: {
          tags: ['operation'],
          summary: 'Asks again whoever an order waits for; whoever has answered before answers the same',
          params: OrderParams,
          response: {
            202: Type.Object({
              orderId: Uuid,
              status: StatusSchema,
              version: Type.Integer(),
              redrives: Type.Integer(),
            }),
            ...problems,
          },
        },
        config: { access: ['operator'] },
      },
      async (request, reply) => {
        const { orderId } = request.params
        const by = request.principal.subject
        const { order, redrives } = await publisher.transaction(async (tx) => {
          const { order } = await lockOrder(tx, orderId)
          if (!order) throw noSuchOrder()
          const done = await redrive(tx, order, { outbox: publisher, settings, by })
          if (done.kind === 'redriven') return { order, redrives: done.redrives }
          const { status } = order
          const extensions = { orderStatus: status }
          if (done.kind === 'final')
            throw conflict('ORDER_WAITS_FOR_NOBODY', `the order is ${status}: it waits for nobody`, { extensions })
          throw conflict('GRACE_NOT_CONFIRMED', 'the grace-period task has not come to this order: see that it runs', {
            extensions,
          })
        })
        if (order.status === 'Submitted' || order.status === 'AwaitingValidation' || order.status === 'StockConfirmed')
          metrics.redriven(order.status, 'operator')
        request.log.info({ orderId, status: order.status, redrives, by }, 'asked again by an operator')
        reply.code(202)
        return { orderId, status: order.status, version: order.version, redrives }
      },
    )
  }
}

function stuckView(order: LateOrder, why: Why): Static<typeof StuckOrder> {
  const { orderId, status, version, since, now, redrives, lastRedriveAt, nextRedriveAt } = order
  return {
    orderId,
    status,
    version,
    waitsFor: WAITS_FOR[status],
    since: iso(since),
    waitingSeconds: Math.round((now - since) / 1_000),
    redrives,
    lastRedriveAt: lastRedriveAt === null ? null : iso(lastRedriveAt),
    nextRedriveAt: nextRedriveAt === null ? null : iso(nextRedriveAt),
    why,
    detail: WHY[why],
  }
}

function iso(epochMs: number): string {
  return new Date(epochMs).toISOString()
}
