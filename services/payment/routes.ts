import Type, { type Static } from 'typebox'
import { decodeCursor, pageOf, pageQuery, toPage } from '#pipelines/http/pages.ts'
import { notFound } from '#pipelines/http/problems.ts'
import { Money, ProblemSchema, Timestamp, Uuid } from '#pipelines/http/schemas.ts'
import type { Routes } from '#pipelines/http/types.ts'
import type { Sql } from '#pipelines/kernel/database.ts'
import { toMoney } from '#pipelines/kernel/money.ts'
import type { PaymentRow } from './rows.ts'
import { findPayment, listPayments } from './store.ts'

const Status = Type.Enum(['CANCELLED', 'CHARGING', 'SUCCEEDED', 'FAILED', 'REFUNDING', 'REFUNDED'], {
  description:
    'CANCELLED: the order was cancelled before anything was charged. CHARGING: the outcome is not known yet.',
})

const nullable = <T extends Type.TSchema>(type: T) => Type.Union([type, Type.Null()])

/** What may be seen of a payment. The payment token is not in it, whatever the state. */
const PaymentView = Type.Object({
  paymentId: Uuid,
  orderId: Uuid,
  customerId: Type.String(),
  status: Status,
  amount: Money,
  provider: nullable(Type.String()),
  cardBrand: nullable(Type.String()),
  attempts: Type.Integer({ description: 'Calls to the provider' }),
  providerMs: Type.Integer({ description: 'Milliseconds spent waiting for it' }),
  failReason: nullable(Type.String()),
  refundId: nullable(Uuid),
  refundReason: nullable(Type.String()),
  createdAt: Timestamp,
  chargedAt: nullable(Timestamp),
  answeredAt: nullable(Timestamp),
  refundedAt: nullable(Timestamp),
})

const Listing = Type.Object({
  ...pageQuery,
  status: Type.Optional(Status),
  customerId: Type.Optional(Type.String({ minLength: 1, maxLength: 255 })),
})

const problems = { '4xx': ProblemSchema, '5xx': ProblemSchema }
const STAFF = ['support', 'operator'] as const

export function paymentRoutes(database: Sql): Routes {
  return (app) => {
    app.get(
      '/v1/payments/:orderId',
      {
        schema: {
          tags: ['payments'],
          summary: 'The payment of an order: your own, or any for staff',
          params: Type.Object({ orderId: Uuid }),
          response: { 200: PaymentView, ...problems },
        },
        config: { access: ['customer', ...STAFF] },
      },
      async (request) => {
        const { subject, roles } = request.principal
        const staff = roles.has('admin') || STAFF.some((role) => roles.has(role))
        const payment = await findPayment(database, request.params.orderId)
        // Somebody else's answers as one that does not exist: ids are not to be guessed.
        if (!payment || !(staff || payment.customer_id === subject)) {
          throw notFound('PAYMENT_UNKNOWN', 'there is no such payment')
        }
        return paymentView(payment)
      },
    )

    app.get(
      '/v1/payments',
      {
        schema: {
          tags: ['payments'],
          summary: 'All payments, newest order first',
          querystring: Listing,
          response: { 200: pageOf(PaymentView), ...problems },
        },
        config: { access: STAFF },
      },
      async (request) => {
        const { limit, cursor, status, customerId } = request.query
        const before = cursor === undefined ? undefined : decodeCursor(cursor, Uuid)
        const rows = await listPayments(database, { status, customerId, before }, limit + 1)
        return toPage(rows, limit, (row) => row.order_id, paymentView)
      },
    )
  }
}

function paymentView(row: PaymentRow): Static<typeof PaymentView> {
  return {
    paymentId: row.payment_id,
    orderId: row.order_id,
    customerId: row.customer_id,
    status: row.status,
    amount: toMoney(row.amount_minor, row.currency),
    provider: row.provider,
    cardBrand: row.card_brand,
    attempts: row.attempts,
    providerMs: row.provider_ms,
    failReason: row.fail_reason,
    refundId: row.refund_id,
    refundReason: row.cancel_reason,
    createdAt: row.created_at.toISOString(),
    chargedAt: row.charged_at?.toISOString() ?? null,
    answeredAt: row.answered_at?.toISOString() ?? null,
    refundedAt: row.refunded_at?.toISOString() ?? null,
  }
}
