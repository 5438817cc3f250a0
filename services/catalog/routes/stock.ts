import Type from 'typebox'
import { type Answer, once, readRepeatable, sendAnswer } from '#pipelines/http/idempotency.ts'
import { originOf } from '#pipelines/http/origin.ts'
import { cursorInvalid, decodeCursor, pageOf, pageQuery, toPage } from '#pipelines/http/pages.ts'
import { conflict, unprocessable } from '#pipelines/http/problems.ts'
import type { Publisher } from '#pipelines/http/publisher.ts'
import { Money, Timestamp, Uuid } from '#pipelines/http/schemas.ts'
import type { HttpApp, Routes } from '#pipelines/http/types.ts'
import type { Database, Tx } from '#pipelines/kernel/database.ts'
import { toMoney } from '#pipelines/kernel/money.ts'
import type { Origin } from '#pipelines/outbox/types.ts'
import { MOST_UNITS, move, stockChanged } from '../domain/stock.ts'
import { findProduct, listMovements, listPrices } from '../store/products.ts'
import { lockStock, writeMovements } from '../store/stock.ts'
import { unknownProduct } from './browse.ts'
import { ById, Line } from './schemas.ts'

const MOST_DELTA = 1_000_000_000
const REASONS = ['RECEIVED', 'CORRECTED'] as const
type Reason = (typeof REASONS)[number]

const StockBody = Type.Object({
  delta: Type.Integer({
    minimum: -MOST_DELTA,
    maximum: MOST_DELTA,
    description: 'Units that came (positive) or are missing',
  }),
  reason: Type.Unsafe<Reason>(
    Type.String({ enum: [...REASONS], description: 'RECEIVED: a delivery; CORRECTED: a count' }),
  ),
  note: Type.Optional(Line(200, 'Why, for the ledger')),
})

const StockView = Type.Object({
  productId: Uuid,
  available: Type.Integer(),
  reserved: Type.Integer(),
  sold: Type.Integer(),
  stockVersion: Type.Integer(),
})

const MovementView = Type.Object({
  stockVersion: Type.Integer({ description: 'Counts the movements of the product, without a gap' }),
  reason: Type.String({ enum: ['RECEIVED', 'CORRECTED', 'RESERVED', 'RELEASED', 'SOLD'] }),
  delta: Type.Integer({ description: 'Change of the available units; when SOLD, of the reserved ones' }),
  available: Type.Integer({ description: 'Available units after it' }),
  reserved: Type.Integer({ description: 'Reserved units after it' }),
  sold: Type.Integer({ description: 'Sold units after it' }),
  orderId: Type.Union([Uuid, Type.Null()]),
  note: Type.Union([Type.String(), Type.Null()]),
  movedAt: Timestamp,
  movedBy: Type.String({ description: 'Subject of who did it; `order` when an order did' }),
})

const PriceView = Type.Object({ priceVersion: Type.Integer(), price: Money, changedAt: Timestamp })
const Before = Type.Integer({ minimum: 1, maximum: Number.MAX_SAFE_INTEGER })
const Listed = Type.Object(pageQuery)

/** The ledger: what moves stock by hand, what moved it, and every price there was. */
export function stockRoutes(database: Database, publisher: Publisher<'catalog'>): Routes {
  async function changeStock(tx: Tx, id: string, change: StockChange, by: string, origin: Origin): Promise<Answer> {
    const stock = (await lockStock(tx, [id])).get(id)
    if (!stock) throw unknownProduct()
    const available = stock.available + change.delta
    if (available < 0) throw tooLittle(stock.available)
    if (available > MOST_UNITS) throw invalidDelta(`at most ${MOST_UNITS} units of a product can be kept`)
    const movement = move(stock, change.reason, change.delta, { note: change.note })
    await writeMovements(tx, [movement], by)
    await publisher.publish(tx, [stockChanged(movement)], origin)
    const { reserved, sold, stockVersion } = movement
    return { status: 200, body: { productId: id, available, reserved, sold, stockVersion }, keep: '7 days' }
  }

  async function requireProduct(id: string): Promise<void> {
    if (!(await findProduct(database, id))) throw unknownProduct()
  }

  return (app: HttpApp) => {
    app.post(
      '/v1/products/:id/stock',
      {
        config: { access: ['catalog-admin', 'warehouse'] },
        schema: {
          tags: ['stock'],
          summary: 'Add or correct stock',
          description: 'With an Idempotency-Key the same request again moves nothing and gets the same answer.',
          params: ById,
          body: StockBody,
          response: { 200: StockView },
        },
      },
      async (request, reply) => {
        const { params, body, principal, headers } = request
        if (body.delta === 0) throw invalidDelta('must not be 0')
        if (body.reason === 'RECEIVED' && body.delta < 0) throw invalidDelta('must be positive when units are received')
        const work = (tx: Tx) => changeStock(tx, params.id, body, principal.subject, originOf(request))
        const named = headers['idempotency-key'] !== undefined || headers['x-requestid'] !== undefined
        const repeatable = named ? readRepeatable(request) : undefined
        const answer = await publisher.transaction(async (tx) =>
          repeatable ? once(tx, repeatable, () => work(tx)) : { ...(await work(tx)), replayed: false },
        )
        return sendAnswer(reply, answer)
      },
    )

    app.get(
      '/v1/products/:id/stock/movements',
      {
        config: { access: ['catalog-admin', 'warehouse', 'support'] },
        schema: {
          tags: ['stock'],
          summary: 'The ledger, newest first',
          params: ById,
          querystring: Listed,
          response: { 200: pageOf(MovementView) },
        },
      },
      async ({ params, query }) => {
        const rows = await listMovements(database, params.id, before(query.cursor), query.limit + 1)
        if (rows.length === 0) await requireProduct(params.id)
        return toPage(
          rows,
          query.limit,
          ({ stockVersion }) => stockVersion,
          ({ movedAt, ...movement }) => ({ ...movement, movedAt: movedAt.toISOString() }),
        )
      },
    )

    app.get(
      '/v1/products/:id/prices',
      {
        config: { access: 'public' },
        schema: {
          tags: ['products'],
          summary: 'Every price it had, newest first',
          params: ById,
          querystring: Listed,
          response: { 200: pageOf(PriceView) },
        },
      },
      async ({ params, query }) => {
        const rows = await listPrices(database, params.id, before(query.cursor, 2 ** 31 - 1), query.limit + 1)
        if (rows.length === 0) await requireProduct(params.id)
        return toPage(
          rows,
          query.limit,
          ({ priceVersion }) => priceVersion,
          ({ priceVersion, priceMinor, currency, changedAt }) => ({
            priceVersion,
            price: toMoney(priceMinor, currency),
            changedAt: changedAt.toISOString(),
          }),
        )
      },
    )
  }
}

interface StockChange {
  readonly delta: number
  readonly reason: Reason
  readonly note?: string
}

function before(cursor: string | undefined, most = Number.MAX_SAFE_INTEGER): number | null {
  if (cursor === undefined) return null
  const version = decodeCursor(cursor, Before)
  if (version > most) throw cursorInvalid()
  return version
}

function tooLittle(available: number) {
  return conflict('STOCK_INSUFFICIENT', 'there are not so many units available', { extensions: { available } })
}

function invalidDelta(detail: string) {
  return unprocessable('STOCK_DELTA_INVALID', 'stock cannot change by this', {
    errors: [{ pointer: '/delta', detail, in: 'body' }],
  })
}
