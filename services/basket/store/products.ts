import type { Sql } from '#pipelines/kernel/database.ts'
import type { Product, Products } from '../basket.ts'

interface ProductRow {
  readonly product_id: string
  readonly sku: string
  readonly name: string
  readonly brand: string
  readonly category: string
  readonly unit_price_minor: number
  readonly currency: string
  readonly price_version: number
}

/**
 * Keeps what the catalog says of a product, unless a newer price is known. False when nothing changed. Events and answers overtake
 * each other, so only the version decides. At the same version the catalog's answer brings new names; an event never does, as it may
 * be an old one that is read again.
 */
export async function learnProduct(sql: Sql, product: Product, from: 'answer' | 'event'): Promise<boolean> {
  const learned = await sql.query(
    `insert into products as known (product_id, sku, name, brand, category, unit_price_minor, currency, price_version)
     values ($1, $2, $3, $4, $5, $6, $7, $8)
     on conflict (product_id) do update set sku = excluded.sku, name = excluded.name, brand = excluded.brand,
       category = excluded.category, unit_price_minor = excluded.unit_price_minor, currency = excluded.currency,
       price_version = excluded.price_version, updated_at = now()
     where excluded.price_version > known.price_version
       or ($9 and excluded.price_version = known.price_version and (excluded.sku, excluded.name, excluded.brand, excluded.category)
         is distinct from (known.sku, known.name, known.brand, known.category))
     returning 1`,
    [
      product.productId,
      product.sku,
      product.name,
      product.brand,
      product.category,
      product.unitPriceMinor,
      product.currency,
      product.priceVersion,
      from === 'answer',
    ],
  )
  return learned.length > 0
}

/**
 * The products in a customer's open basket, and those of the ids. It asks for the basket itself, so that it can be sent together with
 * the statement that locks the basket and not after its answer: it runs after it and sees what that has locked.
 */
export async function readProducts(sql: Sql, customerId: string, ...productIds: readonly string[]): Promise<Products> {
  const rows = await sql.query<ProductRow>(
    `select * from products where product_id = any($2::uuid[]) or product_id = any(array(
       select (line ->> 'productId')::uuid from baskets, jsonb_array_elements(lines) line
       where customer_id = $1 and status = 'Open'
     ))`,
    [customerId, productIds],
  )
  return new Map(rows.map((row) => [row.product_id, productOf(row)]))
}

function productOf(row: ProductRow): Product {
  return {
    productId: row.product_id,
    sku: row.sku,
    name: row.name,
    brand: row.brand,
    category: row.category,
    unitPriceMinor: row.unit_price_minor,
    currency: row.currency,
    priceVersion: row.price_version,
  }
}
