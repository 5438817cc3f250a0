import type { Row, Sql } from '#pipelines/kernel/database.ts'
import { SHOWN_COLUMNS, type ShownProduct } from './products.ts'

export const SORTS = ['name', '-name', 'price', '-price', 'newest'] as const
export type Sort = (typeof SORTS)[number]

/** What each sort goes by. `id` breaks ties, so that no product is on two pages or on none. */
const ORDERS = {
  name: { key: 'lower(products.name)', type: 'text', descending: false },
  '-name': { key: 'lower(products.name)', type: 'text', descending: true },
  price: { key: 'products.price', type: 'numeric', descending: false },
  '-price': { key: 'products.price', type: 'numeric', descending: true },
  // UUIDv7: ids sort by the time they were made.
  newest: { key: 'products.id', type: 'uuid', descending: true },
} as const satisfies Record<Sort, { key: string; type: string; descending: boolean }>

export interface Search {
  /** Words that all must begin some word of the product's texts. */
  readonly q?: string | undefined
  readonly brand?: string | undefined
  readonly category?: string | undefined
  readonly currency?: string | undefined
  /** Decimal text. */
  readonly minPrice?: string | undefined
  readonly maxPrice?: string | undefined
  readonly inStock?: boolean | undefined
  readonly sort: Sort
  /** Sort key, as text, and id of the last product of the page before. */
  readonly after?: readonly [key: string, id: string] | undefined
  readonly limit: number
}

export type FoundProduct = ShownProduct & { readonly sortKey: string }

/** Products for sale. Discontinued ones are found by id only. */
export function searchProducts(sql: Sql, search: Search): Promise<FoundProduct[]> {
  const { key, type, descending } = ORDERS[search.sort]
  const conditions = ['products.discontinued_at is null']
  const values: unknown[] = []
  const where = (value: unknown, condition: (parameter: string) => string) => {
    if (value === undefined) return
    values.push(value)
    conditions.push(condition(`$${values.length}`))
  }
  where(wordsOf(search.q), (words) => `products.words @@ to_tsquery('simple', ${words})`)
  where(search.brand, (brand) => `lower(products.brand) = lower(${brand})`)
  where(search.category, (category) => `lower(products.category) = lower(${category})`)
  where(search.currency, (currency) => `products.currency = ${currency}`)
  where(search.minPrice, (price) => `products.price >= ${price}::numeric`)
  where(search.maxPrice, (price) => `products.price <= ${price}::numeric`)
  where(search.inStock, (wanted) => `(stock.available > 0) = ${wanted}`)
  if (search.after) {
    values.push(...search.after)
    const position = `($${values.length - 1}::${type}, $${values.length}::uuid)`
    conditions.push(`(${key}, products.id) ${descending ? '<' : '>'} ${position}`)
  }
  const direction = descending ? 'desc' : 'asc'
  return sql.query<FoundProduct & Row>(
    `select ${SHOWN_COLUMNS}, (${key})::text as "sortKey"
     from products join stock on stock.product_id = products.id
     where ${conditions.join(' and ')}
     order by ${key} ${direction}, products.id ${direction} limit ${search.limit}`,
    values,
  )
}

/** These products, discontinued ones too, in the order of their ids. */
export function findProducts(sql: Sql, ids: readonly string[]): Promise<ShownProduct[]> {
  return sql.query<ShownProduct & Row>(
    `select ${SHOWN_COLUMNS} from products join stock on stock.product_id = products.id
     where products.id = any($1::uuid[]) order by products.id`,
    [ids],
  )
}

/** `red mug` becomes `red:* & mug:*`. Nothing but letters and digits reaches the query language; a text without any finds nothing. */
function wordsOf(q: string | undefined): string | undefined {
  if (q === undefined) return undefined
  const words = q.match(/[\p{L}\p{N}]+/gu) ?? []
  return words.map((word) => `${word}:*`).join(' & ')
}
