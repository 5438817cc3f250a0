import Type from 'typebox'
import { conflict, notFound, type Problem, unavailable, unprocessable } from '#pipelines/http/problems.ts'
import { ProblemSchema, Uuid } from '#pipelines/http/schemas.ts'
import type { Routes } from '#pipelines/http/types.ts'
import type { Database, Tx } from '#pipelines/kernel/database.ts'
import { Unavailable } from '#pipelines/kernel/errors.ts'
import type { Limits, Product, Products } from '../basket.ts'
import type { Catalog } from '../catalog/catalog.ts'
import { type Edit, putItem, type Refusal, removeItem, told } from '../domain.ts'
import { deleteBasket, lockBasket, openBasket, readBasket, saveBasket, savePricesTold } from '../store/baskets.ts'
import { learnProduct, readProducts } from '../store/products.ts'
import { BasketView, basketView } from './schemas.ts'

export interface BasketRoutesOptions {
  readonly database: Database
  readonly catalog: Catalog
  readonly limits: Limits
  /** How long a basket lives after its last edit. */
  readonly basketTtlMs: number
}

const access = ['customer'] as const
const problems = { '4xx': ProblemSchema, '5xx': ProblemSchema }
const ItemParams = Type.Object({ productId: Uuid })

/** The customer's own basket: whose it is comes from the token, what things cost from the catalog. */
export function basketRoutes({ database, catalog, limits, basketTtlMs }: BasketRoutesOptions): Routes {
  return (app) => {
    app.get(
      '/v1/basket',
      {
        schema: { tags: ['basket'], summary: 'The basket with its totals', response: { 200: BasketView, ...problems } },
        config: { access },
      },
      async (request) => {
        const { subject } = request.principal
        const basket = await readBasket(database, subject)
        if (!basket) return basketView(undefined, new Map())
        // By id: the basket may be another one meanwhile.
        const products = await readProducts(database, subject, ...basket.lines.map((line) => line.productId))
        const now = told(basket, products)
        // Before it is answered: a crash in between asks the customer once more, the other order would not ask.
        if (now !== basket) await savePricesTold(database, now)
        return basketView(basket, products)
      },
    )

    app.put(
      '/v1/basket/items/:productId',
      {
        schema: {
          tags: ['basket'],
          summary: 'How many units of a product are wanted',
          params: ItemParams,
          body: Type.Object({
            quantity: Type.Integer({ minimum: 1, maximum: limits.maxQuantity, description: 'Replaces the one before' }),
          }),
          response: { 200: BasketView, ...problems },
        },
        config: { access },
      },
      async (request) => {
        const productId = request.params.productId.toLowerCase()
        const { quantity } = request.body
        await learnProduct(database, await ask(catalog, productId), 'answer')
        return database.transaction(async (tx) => {
          const { subject } = request.principal
          const [basket, products] = await Promise.all([
            openBasket(tx, subject, basketTtlMs),
            readProducts(tx, subject, productId),
          ])
          return keep(tx, putItem(basket, { productId, quantity }, products, limits), products)
        })
      },
    )

    app.delete(
      '/v1/basket/items/:productId',
      {
        schema: {
          tags: ['basket'],
          summary: 'Takes a product out; one that is not in the basket is out already',
          params: ItemParams,
          response: { 200: BasketView, ...problems },
        },
        config: { access },
      },
      async (request) =>
        database.transaction(async (tx) => {
          const { subject } = request.principal
          const [locked, products] = await Promise.all([lockBasket(tx, subject), readProducts(tx, subject)])
          if (!locked) return basketView(undefined, new Map())
          return keep(tx, removeItem(locked.basket, request.params.productId.toLowerCase()), products)
        }),
    )

    app.delete(
      '/v1/basket',
      {
        schema: { tags: ['basket'], summary: 'Empties the basket', response: { 204: Type.Null(), ...problems } },
        config: { access },
      },
      async (request, reply) => {
        await deleteBasket(database, request.principal.subject)
        return reply.code(204).send(null)
      },
    )
  }

  /** Keeps an edit and answers the basket, which tells the customer all its prices. */
  async function keep(tx: Tx, edit: Edit, products: Products) {
    if (edit.outcome === 'refused') throw refused(edit.refusal, limits)
    const now = told(edit.basket, products)
    if (edit.outcome === 'edited' || now !== edit.basket) await saveBasket(tx, now, basketTtlMs)
    return basketView(edit.basket, products)
  }
}

async function ask(catalog: Catalog, productId: string): Promise<Product> {
  const answer = await catalog.product(productId).catch((cause: unknown) => {
    if (!(cause instanceof Unavailable)) throw cause
    throw unavailable('prices cannot be had right now: try again in a moment', 2, { code: cause.code, cause })
  })
  if (answer.outcome === 'unknown') throw notFound('PRODUCT_UNKNOWN', 'there is no such product')
  if (answer.outcome === 'discontinued') throw unprocessable('PRODUCT_DISCONTINUED', 'this product is no longer sold')
  return answer.product
}

function refused(refusal: Refusal, limits: Limits): Problem {
  switch (refusal) {
    case 'QUANTITY_TOO_LARGE':
      return unprocessable(refusal, `a line may have ${limits.maxQuantity} units`)
    case 'TOO_MANY_LINES':
      return unprocessable(refusal, `a basket may have ${limits.maxLines} lines: check out, then go on`)
    case 'CURRENCY_DIFFERS':
      return conflict(refusal, 'a basket has one currency: check out or empty it first')
    case 'TOTAL_TOO_LARGE':
      return unprocessable(refusal, 'the total of this basket would be too large')
  }
}
