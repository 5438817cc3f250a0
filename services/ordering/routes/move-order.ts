import type { FastifyReply, FastifyRequest } from 'fastify'
import Type from 'typebox'
import { checkVersion, etagOf, readIfMatch } from '#pipelines/http/etags.ts'
import { originOf } from '#pipelines/http/origin.ts'
import { conflict } from '#pipelines/http/problems.ts'
import type { Publisher } from '#pipelines/http/publisher.ts'
import { ProblemSchema } from '#pipelines/http/schemas.ts'
import type { Routes } from '#pipelines/http/types.ts'
import type { Tx } from '#pipelines/kernel/database.ts'
import { carryOut } from '../command.ts'
import type { Command } from '../domain/inputs.ts'
import type { Order } from '../domain/order.ts'
import { lockOrder } from '../store/orders.ts'
import { findOrder } from '../store/reading.ts'
import { cancellationBy, sees, seesAddress } from './audience.ts'
import { noSuchOrder } from './read-orders.ts'
import { OrderParams, OrderSchema, type OrderView } from './schemas.ts'
import { orderView } from './views.ts'

const response = { 200: OrderSchema, '4xx': ProblemSchema, '5xx': ProblemSchema }
const line = Type.String({
  minLength: 1,
  maxLength: 100,
  pattern: '^(?=.*\\S)[^\\u0000-\\u001f\\u007f-\\u009f\\ud800-\\udfff]+$',
})
const headers = Type.Object({
  'if-match': Type.Optional(
    Type.String({ description: 'ETag of the order as you have seen it; without it, however it stands' }),
  ),
})

/** Cancelling and shipping, under the same lock and by the same table as every event. */
export function moveOrderRoutes(publisher: Pick<Publisher<'ordering'>, 'publish' | 'transaction'>): Routes {
  return (app) => {
    // A command without a body is one with nothing in it.
    app.addHook('preValidation', async (request) => {
      request.body ??= {}
    })

    app.post(
      '/v1/orders/:orderId/cancel',
      {
        schema: {
          tags: ['orders'],
          summary: 'Cancels an order that is not paid yet; a reservation is given back, a charge refunded',
          headers,
          params: OrderParams,
          body: Type.Object({}),
          response,
        },
        config: { access: ['customer', 'support'] },
      },
      async (request, reply) =>
        move(request, reply, request.params.orderId, (order) => cancellationBy(request.principal, order)),
    )

    app.post(
      '/v1/orders/:orderId/ship',
      {
        schema: {
          tags: ['orders'],
          summary: 'Ships a paid order',
          headers,
          params: OrderParams,
          body: Type.Object({ carrier: Type.Optional(line), trackingNumber: Type.Optional(line) }),
          response,
        },
        config: { access: ['warehouse'] },
      },
      async (request, reply) => {
        const { carrier = null, trackingNumber = null } = request.body
        return move(request, reply, request.params.orderId, () => ({ type: 'Ship', carrier, trackingNumber }))
      },
    )
  }

  /** @throws Problem 404, 409 `ORDER_STATUS`, 412 */
  async function move(
    request: FastifyRequest,
    reply: FastifyReply,
    orderId: string,
    commandFor: (order: Order) => Command | undefined,
  ): Promise<OrderView> {
    const { principal } = request
    const view = await publisher.transaction(async (tx) => {
      const locked = await lockOrder(tx, orderId)
      const { order } = locked
      const command = order && sees(principal, order) ? commandFor(order) : undefined
      if (!order || !command) throw noSuchOrder()
      if (request.headers['if-match'] !== undefined) checkVersion(readIfMatch(request), order.version)
      const isDone = await carryOut(tx, locked, command, { outbox: publisher, origin: originOf(request) })
      if (!isDone) throw illegalMove(order, command)
      return readBack(tx, orderId, seesAddress(principal, order))
    })
    reply.header('etag', etagOf(view.version))
    return view
  }
}

async function readBack(tx: Tx, orderId: string, withAddress: boolean): Promise<OrderView> {
  const order = await findOrder(tx, orderId)
  if (!order) throw noSuchOrder()
  return orderView(order, { withAddress })
}

function illegalMove({ orderId, status, version }: Order, { type }: Command) {
  const verb = type === 'Cancel' ? 'cancelled' : 'shipped'
  const rule = type === 'Cancel' ? 'only until it is paid' : 'only when it is paid, and once'
  return conflict('ORDER_STATUS', `the order is ${status}: it can be ${verb} ${rule}`, {
    facts: { orderId, status, command: type },
    extensions: { orderStatus: status },
    headers: { etag: etagOf(version) },
  })
}
