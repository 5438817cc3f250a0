import Type from 'typebox'
import { notModified } from '#pipelines/http/etags.ts'
import { cursorInvalid, decodeCursor, pageOf, pageQuery, toPage } from '#pipelines/http/pages.ts'
import { badRequest, notFound } from '#pipelines/http/problems.ts'
import { Currency } from '#pipelines/http/schemas.ts'
import type { HttpApp, Routes } from '#pipelines/http/types.ts'
import type { Database } from '#pipelines/kernel/database.ts'
import { isUuid } from '#pipelines/kernel/ids.ts'
import { keptCounts } from '../store/counts.ts'
import { findProduct } from '../store/products.ts'
import { type FoundProduct, findProducts, SORTS, type Sort, searchProducts } from '../store/search.ts'
import { ById, Line, ProductView, viewOf } from './schemas.ts'

const MOST_IDS = 100
const Amount = Type.String({ pattern: '^\\d{1,12}(\\.\\d{1,4})?$', description: 'decimal text', examples: ['9.99'] })

const SearchQuery = Type.Object({
  ...pageQuery,
  q: Type.Optional(Line(200, 'Words that each begin a word of sku, name, brand, category or description')),
  brand: Type.Optional(Line(80, 'Exactly this brand, in any case')),
  category: Type.Optional(Line(80, 'Exactly this category, in any case')),
  currency: Type.Optional(Currency),
  minPrice: Type.Optional(Amount),
  maxPrice: Type.Optional(Amount),
  inStock: Type.Optional(Type.Boolean({ description: 'true: only what can be ordered; false: only what cannot' })),
  sort: Type.Unsafe<Sort>(Type.String({ enum: [...SORTS], default: 'name' })),
  ids: Type.Optional(
    Type.String({
      maxLength: MOST_IDS * 37,
      description: `Up to ${MOST_IDS} product ids, separated by commas: these products, discontinued ones too, and no other filter`,
    }),
  ),
})

const Position = Type.Tuple([
  Type.Unsafe<Sort>(Type.String({ enum: [...SORTS] })),
  Type.String({ maxLength: 400 }),
  Type.String({ format: 'uuid' }),
])

const Counts = Type.Object({ items: Type.Array(Type.Object({ name: Type.String(), products: Type.Integer() })) })

/** What everybody may look at. */
export function browseRoutes(database: Database): Routes {
  return (app: HttpApp) => {
    const config = { access: 'public' } as const

    app.get(
      '/v1/products',
      {
        config,
        schema: {
          tags: ['products'],
          summary: 'Products for sale',
          querystring: SearchQuery,
          response: { 200: pageOf(ProductView) },
        },
      },
      async ({ query }) => {
        const { ids, cursor, limit, ...filters } = query
        if (ids !== undefined)
          return { items: (await findProducts(database, readIds(ids))).map(viewOf), nextCursor: null }
        const after = cursor === undefined ? undefined : readPosition(cursor, filters.sort)
        const rows = await searchProducts(database, { ...filters, after, limit: limit + 1 })
        return toPage(
          rows,
          limit,
          ({ sortKey, id }) => [filters.sort, sortKey, id],
          ({ sortKey: _sortKey, ...product }: FoundProduct) => viewOf(product),
        )
      },
    )

    app.get(
      '/v1/products/:id',
      {
        config,
        schema: {
          tags: ['products'],
          summary: 'One product',
          params: ById,
          response: { 200: ProductView, 304: Type.Null() },
        },
      },
      async (request, reply) => {
        const product = await findProduct(database, request.params.id)
        if (!product) throw unknownProduct()
        if (notModified(request, reply, product.version, product.stockVersion)) return reply.code(304).send(null)
        return viewOf(product)
      },
    )

    for (const [path, column] of [
      ['/v1/brands', 'brand'],
      ['/v1/categories', 'category'],
    ] as const) {
      const schema = {
        tags: ['products'],
        summary: `Every ${column} with its number of products, at most 3 s old`,
        response: { 200: Counts },
      }
      const counts = keptCounts(database, column)
      app.get(path, { config, schema }, async () => ({ items: await counts() }))
    }
  }
}

export function unknownProduct() {
  return notFound('PRODUCT_UNKNOWN', 'there is no such product')
}

function readIds(text: string): string[] {
  const ids = text.split(',').map((id) => id.trim())
  if (ids.length <= MOST_IDS && ids.every(isUuid)) return ids
  throw badRequest('REQUEST_INVALID', 'the query of the request does not fit its schema', {
    errors: [{ pointer: '/ids', detail: `must be at most ${MOST_IDS} UUIDs, separated by commas`, in: 'query' }],
  })
}

/** @throws Problem 400 `CURSOR_INVALID`, also when the cursor is of a list in another order */
function readPosition(cursor: string, sort: Sort): [key: string, id: string] {
  const [cursorSort, key, id] = decodeCursor(cursor, Position)
  const plausible = { name: !key.includes('\0'), price: /^\d{1,20}(\.\d{1,9})?$/.test(key), newest: isUuid(key) }[
    keyOf(sort)
  ]
  if (cursorSort !== sort || !plausible) throw cursorInvalid()
  return [key, id]
}

function keyOf(sort: Sort) {
  return sort === 'newest' ? sort : sort.endsWith('price') ? 'price' : 'name'
}
