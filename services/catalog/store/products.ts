import type { Sql, Tx } from '#pipelines/kernel/database.ts'
import type { Movement, Product, Stock } from '../product.ts'

/** A product as it is shown: with its stock. */
export interface ShownProduct extends Product, Omit<Stock, 'productId'> {
  readonly createdAt: Date
  readonly updatedAt: Date
}

export const PRODUCT_COLUMNS = `products.id, products.sku, products.name, products.description, products.brand, products.category,
  products.price_minor as "priceMinor", products.currency, products.price_version as "priceVersion", products.version,
  products.discontinued_at is not null as discontinued, products.created_at as "createdAt", products.updated_at as "updatedAt"`

export const SHOWN_COLUMNS = `${PRODUCT_COLUMNS}, stock.available, stock.reserved, stock.sold, stock.stock_version as "stockVersion"`

export async function findProduct(sql: Sql, id: string): Promise<ShownProduct | undefined> {
  const [row] = await sql.query<ShownProduct>(
    `select ${SHOWN_COLUMNS} from products join stock on stock.product_id = products.id where products.id = $1`,
    [id],
  )
  return row
}

export interface NewProduct {
  readonly id: string
  readonly sku: string
  readonly name: string
  readonly description: string | null
  readonly brand: string
  readonly category: string
  readonly priceMinor: number
  readonly currency: string
  readonly exponent: number
}

/** Keeps a new product with its first price and an empty stock. Gives the id of the other product if the sku is taken. */
export async function insertProduct(
  tx: Tx,
  product: NewProduct,
  by: string,
): Promise<
  { readonly product: Product & Pick<ShownProduct, 'createdAt' | 'updatedAt'> } | { readonly takenBy: string }
> {
  const { id, sku, name, description, brand, category, priceMinor, currency, exponent } = product
  const [row] = await tx.query<Product & Pick<ShownProduct, 'createdAt' | 'updatedAt'>>(
    `insert into products (id, sku, name, description, brand, category, price_minor, currency, exponent, price_version, created_by, updated_by)
     values ($1, $2, $3, $4, $5, $6, $7, $8, $9, 1, $10, $10)
     on conflict (sku) do nothing
     returning ${PRODUCT_COLUMNS}`,
    [id, sku, name, description, brand, category, priceMinor, currency, exponent, by],
  )
  if (row) {
    await tx.query(
      `with counted as (insert into stock (product_id) values ($1))
       insert into price_changes (product_id, price_version, price_minor, currency, changed_by) values ($1, 1, $2, $3, $4)`,
      [id, priceMinor, currency, by],
    )
    return { product: row }
  }
  const [taken] = await tx.query<{ id: string }>('select id from products where sku = $1', [sku])
  return { takenBy: taken?.id ?? '' }
}

/** The product, locked until the transaction ends; its stock is not. */
export async function lockProduct(tx: Tx, id: string): Promise<Product | undefined> {
  const [row] = await tx.query<Product>(`select ${PRODUCT_COLUMNS} from products where id = $1 for update`, [id])
  return row
}

/** Keeps an edit of a locked product, other than of its price. */
export async function saveProduct(tx: Tx, product: Product, by: string): Promise<void> {
  const { id, name, description, brand, category, discontinued } = product
  await tx.query(
    `update products set name = $2, description = $3, brand = $4, category = $5,
       discontinued_at = case when $6 then coalesce(discontinued_at, now()) end,
       version = version + 1, updated_at = now(), updated_by = $7
     where id = $1`,
    [id, name, description, brand, category, discontinued, by],
  )
}

/** Keeps a new price of a locked product, and remembers it in the history. */
export async function savePrice(
  tx: Tx,
  { id, priceMinor, currency, priceVersion }: Product,
  by: string,
): Promise<void> {
  await tx.query(
    `with priced as (
       update products set price_minor = $2, price_version = $4, version = version + 1, updated_at = now(), updated_by = $5 where id = $1
     )
     insert into price_changes (product_id, price_minor, currency, price_version, changed_by) values ($1, $2, $3, $4, $5)`,
    [id, priceMinor, currency, priceVersion, by],
  )
}

export interface PriceChange {
  readonly priceVersion: number
  readonly priceMinor: number
  readonly currency: string
  readonly changedAt: Date
}

/** Newest first, those before a version. */
export function listPrices(sql: Sql, id: string, before: number | null, limit: number): Promise<PriceChange[]> {
  return sql.query<PriceChange & Record<string, unknown>>(
    `select price_version as "priceVersion", price_minor as "priceMinor", currency, changed_at as "changedAt" from price_changes
     where product_id = $1 and ($2::int is null or price_version < $2) order by price_version desc limit $3`,
    [id, before, limit],
  )
}

export interface RecordedMovement extends Omit<Movement, 'productId'> {
  readonly movedAt: Date
  readonly movedBy: string
}

/** Newest first, those before a version. */
export function listMovements(sql: Sql, id: string, before: number | null, limit: number): Promise<RecordedMovement[]> {
  return sql.query<RecordedMovement & Record<string, unknown>>(
    `select stock_version as "stockVersion", reason, delta, available, reserved, sold, order_id as "orderId", note,
       moved_at as "movedAt", moved_by as "movedBy" from stock_movements
     where product_id = $1 and ($2::bigint is null or stock_version < $2) order by stock_version desc limit $3`,
    [id, before, limit],
  )
}

/** The brands, or the categories, of what is for sale, with the number of products of each. */
export function countBy(sql: Sql, column: 'brand' | 'category'): Promise<{ name: string; products: number }[]> {
  return sql.query(
    `select ${column} as name, count(*)::int as products from products where discontinued_at is null group by ${column} order by lower(${column})`,
  )
}
