import Type, { type Static } from 'typebox'
import { Currency, Money, Timestamp, Uuid } from '#pipelines/http/schemas.ts'
import { toMoney } from '#pipelines/kernel/money.ts'
import type { ShownProduct } from '../store/products.ts'

/** One line of text, without space at its ends or control characters. */
export const Line = (maxLength: number, description: string) =>
  Type.String({ minLength: 1, maxLength, pattern: '^\\S([^\\x00-\\x1f\\x7f]*\\S)?$', description })

export const Sku = Type.String({
  pattern: '^[\\x21-\\x7e]([\\x20-\\x7e]{0,62}[\\x21-\\x7e])?$',
  description: 'Stock keeping unit: unique, 1 to 64 printable ASCII characters',
})
export const Name = Line(200, 'What people call it')
export const Brand = Line(80, 'Who makes it')
export const Category = Line(80, 'What kind it is')
export const Description = Type.String({ maxLength: 4_000, description: 'Text of any length up to 4 000 characters' })

/** A price: as {@link Money}, with a bound that keeps every order's total exact. */
export const Price = Type.Object({
  amount: Type.String({ pattern: '^\\d{1,9}(\\.\\d{1,4})?$', description: 'decimal text', examples: ['12.99'] }),
  currency: Currency,
})

export const ProductView = Type.Object({
  id: Uuid,
  sku: Type.String(),
  name: Type.String(),
  description: Type.Union([Type.String(), Type.Null()]),
  brand: Type.String(),
  category: Type.String(),
  price: Money,
  priceVersion: Type.Integer({ description: 'Counts the prices of the product, from 1' }),
  available: Type.Integer({ description: 'Units that can be ordered' }),
  reserved: Type.Integer({ description: 'Units of orders that are not paid yet' }),
  sold: Type.Integer({ description: 'Units sold so far' }),
  stockVersion: Type.Integer({ description: 'Counts the movements of its stock' }),
  discontinued: Type.Boolean({ description: 'No longer for sale' }),
  createdAt: Timestamp,
  updatedAt: Timestamp,
})
export type ProductView = Static<typeof ProductView>

export function viewOf(product: ShownProduct): ProductView {
  const { priceMinor, currency, version: _version, createdAt, updatedAt, ...rest } = product
  return {
    ...rest,
    price: toMoney(priceMinor, currency),
    createdAt: createdAt.toISOString(),
    updatedAt: updatedAt.toISOString(),
  }
}

export const ById = Type.Object({ id: Uuid })
