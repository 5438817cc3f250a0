import Type from 'typebox'
import { notModified } from '#pipelines/http/etags.ts'
import { instantOf } from '#pipelines/http/instants.ts'
import { decodeCursor, pageOf, pageQuery, toPage } from '#pipelines/http/pages.ts'
import { notFound, type Problem } from '#pipelines/http/problems.ts'
import { ProblemSchema, Timestamp, Uuid } from '#pipelines/http/schemas.ts'
import type { Routes } from '#pipelines/http/types.ts'
import type { Sql } from '#pipelines/kernel/database.ts'
import { findOrder, listOrders } from '../store/reading.ts'
import { isStaff, READERS, sees, seesAddress } from './audience.ts'
import { OrderParams, OrderSchema, StatusSchema, SummarySchema } from './schemas.ts'
import { orderView, summaryView } from './views.ts'

const problems = { '4xx': ProblemSchema, '5xx': ProblemSchema }

/** The last millisecond of the year 9999: PostgreSQL has no word for what lies much further. */
const LAST_MS = 253_402_300_799_999
const CursorShape = Type.Object({ placedAt: Type.Integer({ minimum: 0, maximum: LAST_MS }), orderId: Uuid })

/** Reading orders: customers their own, staff all. */
export function readOrderRoutes(database: Sql): Routes {
  return (app) => {
    app.get(
      '/v1/orders',
      {
        schema: {
          tags: ['orders'],
          summary: 'Orders, newest first: your own, or for staff all',
          querystring: Type.Object({
            ...pageQuery,
            status: Type.Optional(StatusSchema),
            from: Type.Optional({ ...Timestamp, description: 'Placed at or after, ISO 8601' }),
            to: Type.Optional({ ...Timestamp, description: 'Placed before, ISO 8601' }),
          }),
          response: { 200: pageOf(SummarySchema), ...problems },
        },
        config: { access: READERS },
      },
      async ({ query, principal }) => {
        const rows = await listOrders(database, {
          customerId: isStaff(principal) ? undefined : principal.subject,
          status: query.status,
          from: query.from === undefined ? undefined : instantOf(query.from).getTime(),
          to: query.to === undefined ? undefined : instantOf(query.to).getTime(),
          after: query.cursor === undefined ? undefined : decodeCursor(query.cursor, CursorShape),
          limit: query.limit + 1,
        })
        return toPage(rows, query.limit, ({ placedAt, orderId }) => ({ placedAt, orderId }), summaryView)
      },
    )

    app.get(
      '/v1/orders/:orderId',
      {
        schema: {
          tags: ['orders'],
          summary: 'An order with its lines and timeline',
          params: OrderParams,
          response: { 200: OrderSchema, 304: Type.Null(), ...problems },
        },
        config: { access: READERS },
      },
      async (request, reply) => {
        const { principal, params } = request
        const order = await findOrder(database, params.orderId)
        if (!order || !sees(principal, order)) throw noSuchOrder()
        if (notModified(request, reply, order.version)) return reply.code(304).send(null)
        return orderView(order, { withAddress: seesAddress(principal, order) })
      },
    )
  }
}

/** Also for somebody else's order: that it exists is nobody's business. */
export function noSuchOrder(): Problem {
  return notFound('ORDER_NOT_FOUND', 'you have no such order; one that was just placed may take a moment to appear')
}
