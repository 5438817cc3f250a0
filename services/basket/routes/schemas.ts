import Type, { type Static } from 'typebox'
import { Currency, Money, Timestamp, Uuid } from '#pipelines/http/schemas.ts'
import { toMoney } from '#pipelines/kernel/money.ts'
import type { Basket, Line, Product, Products } from '../basket.ts'
import { currencyOf, productOf, totalMinor, unitCount } from '../domain.ts'

const nullable = <T extends Type.TSchema>(type: T) => Type.Union([type, Type.Null()])

export const ItemView = Type.Object({
  productId: Uuid,
  sku: Type.String(),
  name: Type.String(),
  brand: Type.String(),
  category: Type.String(),
  quantity: Type.Integer(),
  unitPrice: Money,
  priceVersion: Type.Integer({ description: 'Of the price shown: checkout takes this one or asks again' }),
  previousUnitPrice: Type.Optional(
    Type.Object(Money.properties, { description: 'The price last shown, when it has changed since' }),
  ),
  lineTotal: Money,
})

export const BasketView = Type.Object(
  {
    basketId: nullable(Uuid),
    version: Type.Integer({ description: 'Counts edits; 0 when there is no basket' }),
    currency: nullable(Currency),
    items: Type.Array(ItemView),
    itemCount: Type.Integer(),
    unitCount: Type.Integer(),
    subtotal: nullable(Money),
    discount: nullable(Money),
    shipping: nullable(Money),
    tax: nullable(Money),
    total: nullable(Money),
    expiresAt: nullable(Timestamp),
  },
  { description: 'The open basket at current prices. Without one it is empty, and nothing is made by looking.' },
)

/** `shown` is the basket as the customer was last told of it; the view shows today's prices. */
export function basketView(shown: Basket | undefined, products: Products): Static<typeof BasketView> {
  const currency = (shown && currencyOf(shown, products)) ?? null
  const money = (minor: number) => (currency === null ? null : toMoney(minor, currency))
  const total = shown ? totalMinor(shown, products) : 0
  const lines = shown?.lines.toSorted((a, b) => a.lineNo - b.lineNo) ?? []
  return {
    basketId: shown?.basketId ?? null,
    version: shown?.version ?? 0,
    currency,
    items: lines.map((line) => itemView(line, productOf(products, line.productId))),
    itemCount: lines.length,
    unitCount: shown ? unitCount(shown) : 0,
    subtotal: money(total),
    discount: money(0),
    shipping: money(0),
    tax: money(0),
    total: money(total),
    expiresAt: shown ? new Date(shown.expiresAtMs).toISOString() : null,
  }
}

function itemView(line: Line, product: Product): Static<typeof ItemView> {
  const { productId, sku, name, brand, category, currency, unitPriceMinor, priceVersion } = product
  return {
    productId,
    sku,
    name,
    brand,
    category,
    quantity: line.quantity,
    unitPrice: toMoney(unitPriceMinor, currency),
    priceVersion,
    ...(line.priceVersion !== priceVersion && { previousUnitPrice: toMoney(line.unitPriceMinor, currency) }),
    lineTotal: toMoney(unitPriceMinor * line.quantity, currency),
  }
}

/** A line of the 409 that tells new prices. */
export const ChangedPrice = Type.Object({
  productId: Uuid,
  sku: Type.String(),
  name: Type.String(),
  quantity: Type.Integer(),
  previousUnitPrice: Money,
  unitPrice: Money,
  priceVersion: Type.Integer(),
})

export function changedPriceView(line: Line, products: Products): Static<typeof ChangedPrice> {
  const { productId, sku, name, unitPriceMinor, currency, priceVersion } = productOf(products, line.productId)
  return {
    productId,
    sku,
    name,
    quantity: line.quantity,
    previousUnitPrice: toMoney(line.unitPriceMinor, currency),
    unitPrice: toMoney(unitPriceMinor, currency),
    priceVersion,
  }
}
