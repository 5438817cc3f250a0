import type { FastifyReply, FastifyRequest } from 'fastify'
import Type from 'typebox'
import { checkVersion, etagOf, readIfMatch } from '#pipelines/http/etags.ts'
import { originOf } from '#pipelines/http/origin.ts'
import { conflict, gone, unprocessable } from '#pipelines/http/problems.ts'
import type { Publisher } from '#pipelines/http/publisher.ts'
import { minorOf } from '#pipelines/http/schemas.ts'
import type { HttpApp, Routes } from '#pipelines/http/types.ts'
import type { Database, Tx } from '#pipelines/kernel/database.ts'
import { newId } from '#pipelines/kernel/ids.ts'
import { exponentOf } from '#pipelines/kernel/money.ts'
import { priceChanged } from '../domain/prices.ts'
import { move, stockChanged } from '../domain/stock.ts'
import type { Product } from '../product.ts'
import { findProduct, insertProduct, lockProduct, savePrice, saveProduct } from '../store/products.ts'
import { writeMovements } from '../store/stock.ts'
import { unknownProduct } from './browse.ts'
import { Brand, ById, Category, Description, Name, Price, ProductView, Sku, viewOf } from './schemas.ts'

const NewProductBody = Type.Object({
  sku: Sku,
  name: Name,
  description: Type.Optional(Description),
  brand: Brand,
  category: Category,
  price: Price,
  stock: Type.Integer({ minimum: 0, maximum: 1_000_000_000, default: 0, description: 'Units received at once' }),
})

const EditBody = Type.Object(
  {
    name: Type.Optional(Name),
    description: Type.Optional(Description),
    brand: Type.Optional(Brand),
    category: Type.Optional(Category),
  },
  { minProperties: 1 },
)

/** What the catalog's staff does to products and prices. Everything is kept with who did it and when. */
export function editRoutes(database: Database, publisher: Publisher<'catalog'>): Routes {
  /** Locks the product, checks that the caller has seen its newest version, lets the change be made, and shows the result. */
  async function edit(
    request: FastifyRequest,
    reply: FastifyReply,
    id: string,
    change: (tx: Tx, product: Product) => Promise<void>,
  ): Promise<ProductView> {
    const expected = readIfMatch(request)
    await publisher.transaction(async (tx) => {
      const product = await lockProduct(tx, id)
      if (!product) throw unknownProduct()
      checkVersion(expected, product.version)
      if (product.discontinued) throw gone('PRODUCT_DISCONTINUED', 'the product is discontinued')
      await change(tx, product)
    })
    return show(reply, id)
  }

  async function show(reply: FastifyReply, id: string): Promise<ProductView> {
    const product = await findProduct(database, id)
    if (!product) throw unknownProduct()
    reply.header('etag', etagOf(product.version, product.stockVersion))
    return viewOf(product)
  }

  return (app: HttpApp) => {
    const config = { access: ['catalog-admin'] } as const
    const tags = ['products']

    app.post(
      '/v1/products',
      { config, schema: { tags, summary: 'A new product', body: NewProductBody, response: { 201: ProductView } } },
      async (request, reply) => {
        const { stock, price, description, ...texts } = request.body
        const by = request.principal.subject
        const { currency } = price
        const id = newId()
        await publisher.transaction(async (tx) => {
          const priceMinor = minorOf(price, '/price')
          const product = {
            ...texts,
            id,
            description: description ?? null,
            priceMinor,
            currency,
            exponent: exponentOf(currency),
          }
          const inserted = await insertProduct(tx, product, by)
          if ('takenBy' in inserted) throw skuTaken(inserted.takenBy)
          const empty = { productId: id, available: 0, reserved: 0, sold: 0, stockVersion: 0 }
          const received = stock > 0 ? [move(empty, 'RECEIVED', stock)] : []
          await writeMovements(tx, received, by)
          const events = [priceChanged(inserted.product, null), ...received.map(stockChanged)]
          await publisher.publish(tx, events, originOf(request))
        })
        return reply
          .code(201)
          .header('location', `/v1/products/${id}`)
          .send(await show(reply, id))
      },
    )

    app.patch(
      '/v1/products/:id',
      {
        config,
        schema: {
          tags,
          summary: 'Change its texts',
          description: 'Needs If-Match with the ETag of the version you have seen.',
          params: ById,
          body: EditBody,
          response: { 200: ProductView },
        },
      },
      (request, reply) =>
        edit(request, reply, request.params.id, (tx, product) =>
          saveProduct(tx, { ...product, ...request.body }, request.principal.subject),
        ),
    )

    app.put(
      '/v1/products/:id/price',
      {
        config,
        schema: {
          tags,
          summary: 'Set its price',
          description:
            'Needs If-Match with the ETag of the version you have seen. The same price again changes nothing.',
          params: ById,
          body: Type.Object({ price: Price }),
          response: { 200: ProductView },
        },
      },
      (request, reply) =>
        edit(request, reply, request.params.id, async (tx, product) => {
          const priceMinor = minorOf(request.body.price, '/price')
          if (request.body.price.currency !== product.currency) throw currencyFixed(product.currency)
          if (priceMinor === product.priceMinor) return
          const next = { ...product, priceMinor, priceVersion: product.priceVersion + 1 }
          await savePrice(tx, next, request.principal.subject)
          await publisher.publish(tx, [priceChanged(next, product.priceMinor)], originOf(request))
        }),
    )

    app.delete(
      '/v1/products/:id',
      {
        config,
        schema: {
          tags,
          summary: 'Discontinue it',
          description: 'It stays readable by id; orders that hold its units go on. Doing it again changes nothing.',
          params: ById,
          response: { 204: Type.Null() },
        },
      },
      async (request, reply) => {
        await publisher.transaction(async (tx) => {
          const product = await lockProduct(tx, request.params.id)
          if (!product) throw unknownProduct()
          if (!product.discontinued)
            await saveProduct(tx, { ...product, discontinued: true }, request.principal.subject)
        })
        return reply.code(204).send(null)
      },
    )
  }
}

function skuTaken(productId: string) {
  return conflict('SKU_TAKEN', 'another product has this sku', {
    headers: { location: `/v1/products/${productId}` },
    extensions: { productId },
  })
}

function currencyFixed(currency: string) {
  return unprocessable(
    'CURRENCY_FIXED',
    `the price of this product is in ${currency}: make another product for another currency`,
    {
      errors: [{ pointer: '/price/currency', detail: `must be ${currency}`, in: 'body' }],
    },
  )
}
