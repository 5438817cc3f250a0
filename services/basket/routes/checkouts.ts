import Type, { type Static } from 'typebox'
import { type Answer, once, readRepeatable, sendAnswer } from '#pipelines/http/idempotency.ts'
import { originOf } from '#pipelines/http/origin.ts'
import { notFound, unprocessable } from '#pipelines/http/problems.ts'
import type { Publisher } from '#pipelines/http/publisher.ts'
import { Money, ProblemSchema, Timestamp, Uuid } from '#pipelines/http/schemas.ts'
import type { Routes } from '#pipelines/http/types.ts'
import { type Database, underway } from '#pipelines/kernel/database.ts'
import { newId } from '#pipelines/kernel/ids.ts'
import { toMoney } from '#pipelines/kernel/money.ts'
import { checkOut } from '../checkout.ts'
import { lockBasket, savePricesTold } from '../store/baskets.ts'
import { acceptCheckout, type CheckoutRow, findCheckout } from '../store/checkouts.ts'
import { readProducts } from '../store/products.ts'
import { currenciesDiffer, emptyBasket, priceChanged, totalTooLarge } from './refusals.ts'

export interface CheckoutRoutesOptions {
  readonly database: Database
  readonly publisher: Pick<Publisher<'basket'>, 'transaction' | 'publish'>
  /** Base URL of ordering as clients reach it. */
  readonly orderingUrl: string
  readonly resendAfterMs: number
}

const problems = { '4xx': ProblemSchema, '5xx': ProblemSchema }

/** Text that can be printed on a parcel: something to see in it, no control characters, no broken Unicode. */
const line = (maxLength: number) =>
  Type.String({ minLength: 1, maxLength, pattern: '^(?=.*\\S)[^\\u0000-\\u001f\\u007f-\\u009f\\ud800-\\udfff]+$' })

const CheckoutBody = Type.Object({
  address: Type.Object({
    street: line(200),
    city: line(100),
    state: Type.Optional(line(100)),
    country: line(100),
    zipCode: line(20),
  }),
  paymentToken: Type.String({
    description: 'From the payment provider: `tok_…`. Never a card number.',
    examples: ['tok_visa'],
  }),
})
const CheckoutHeaders = Type.Object({
  'x-channel': Type.Optional(Type.Union([Type.Literal('WEB'), Type.Literal('API'), Type.Literal('REPLAY')])),
  'idempotency-key': Type.Optional(Type.String({ description: 'Required, here or as x-requestid' })),
  'x-requestid': Type.Optional(Type.String()),
})
const PAYMENT_TOKEN = /^tok_[A-Za-z_]{1,40}$/

const Links = Type.Object({ self: Type.String(), order: Type.String() })
const CheckoutAccepted = Type.Object({ orderId: Uuid, status: Type.Literal('Accepted'), links: Links })
const CheckoutView = Type.Object({
  orderId: Uuid,
  status: Type.Union([Type.Literal('Accepted'), Type.Literal('Started')], {
    description: 'Accepted: kept and on its way. Started: ordering has it, see the link.',
  }),
  total: Money,
  itemCount: Type.Integer(),
  unitCount: Type.Integer(),
  acceptedAt: Timestamp,
  startedAt: Type.Union([Timestamp, Type.Null()]),
  links: Links,
})

/** Checks out and tells what became of it. */
export function checkoutRoutes(options: CheckoutRoutesOptions): Routes {
  const { database, publisher, orderingUrl } = options
  const links = (orderId: string) => ({
    self: `/v1/basket/checkouts/${orderId}`,
    order: `${orderingUrl}/v1/orders/${orderId}`,
  })
  return (app) => {
    app.post(
      '/v1/basket/checkout',
      {
        schema: {
          tags: ['checkout'],
          summary: 'Orders what is in the basket; repeated under its Idempotency-Key it is ordered once',
          headers: CheckoutHeaders,
          body: CheckoutBody,
          response: { 202: CheckoutAccepted, ...problems },
        },
        config: { access: ['customer'] },
      },
      async (request, reply) => {
        const repeatable = readRepeatable(request)
        const { address, paymentToken } = request.body
        if (!PAYMENT_TOKEN.test(paymentToken)) throw badToken()
        const wanted = { address, paymentToken, channel: request.headers['x-channel'] ?? 'API' } as const
        const answer = await publisher.transaction((tx) =>
          once(tx, repeatable, async () => {
            const { subject } = request.principal
            // What is awaited together is sent together, and runs in this order.
            const [locked, products] = await Promise.all([lockBasket(tx, subject), readProducts(tx, subject)])
            const ids = { orderId: newId(), nowMs: locked?.nowMs ?? 0 }
            const decision = checkOut(locked?.basket, products, wanted, ids)
            switch (decision.outcome) {
              case 'accepted':
                await underway(
                  Promise.all([
                    acceptCheckout(tx, decision.event, options.resendAfterMs),
                    publisher.publish(tx, [decision.event], originOf(request)),
                  ]),
                )
                return accepted(ids.orderId)
              case 'price-changed':
                await savePricesTold(tx, decision.basket)
                return priceChanged(request, decision.lines, products)
              case 'empty':
                return emptyBasket(request)
              case 'currencies-differ':
                return currenciesDiffer(request)
              case 'total-too-large':
                return totalTooLarge(request)
            }
          }),
        )
        return sendAnswer(reply, answer)
      },
    )

    app.get(
      '/v1/basket/checkouts/:orderId',
      {
        schema: {
          tags: ['checkout'],
          summary: 'What became of a checkout, also before ordering has seen it',
          params: Type.Object({ orderId: Uuid }),
          response: { 200: CheckoutView, ...problems },
        },
        config: { access: ['customer', 'support'] },
      },
      async (request) => {
        const { subject, roles } = request.principal
        const anyone = roles.has('support') || roles.has('admin')
        const checkout = await findCheckout(database, request.params.orderId, anyone ? undefined : subject)
        if (!checkout) throw notFound('CHECKOUT_UNKNOWN', 'you have no such checkout')
        return { ...checkoutView(checkout), links: links(checkout.order_id) }
      },
    )
  }

  function accepted(orderId: string): Answer {
    const body: Static<typeof CheckoutAccepted> = { orderId, status: 'Accepted', links: links(orderId) }
    return { status: 202, body, headers: { location: body.links.self }, keep: 'for good' }
  }
}

function badToken() {
  return unprocessable('PAYMENT_TOKEN_INVALID', 'this is not a payment token', {
    errors: [{ pointer: '/paymentToken', detail: 'must be tok_ and 1 to 40 letters or underscores', in: 'body' }],
  })
}

function checkoutView(row: CheckoutRow) {
  return {
    orderId: row.order_id,
    status: row.status,
    total: toMoney(row.total_minor, row.currency),
    itemCount: row.item_count,
    unitCount: row.unit_count,
    acceptedAt: row.accepted_at.toISOString(),
    startedAt: row.started_at?.toISOString() ?? null,
  }
}
