import type { ClickHouseClient } from '@clickhouse/client'
import type { Routes } from '#pipelines/http/types.ts'
import { Type } from '#pipelines/kernel/config.ts'
import { toMoney } from '#pipelines/kernel/money.ts'
import { topProducts } from '../queries/top-products.ts'
import { Count, Currency, Money, READERS, spanOf, spanQuery, Text, Uuid } from './shapes.ts'

const Product = Type.Object({
  productId: Uuid,
  sku: Text,
  name: Text,
  brand: Text,
  category: Text,
  units: Count,
  orders: Count,
  revenue: Money,
})

export function productRoutes(db: ClickHouseClient): Routes {
  return (app) => {
    app.get(
      '/v1/analytics/products/top',
      {
        config: { access: READERS },
        schema: {
          summary: 'Products sold most in paid orders, per currency',
          querystring: Type.Object({
            ...spanQuery,
            by: Type.Union([Type.Literal('units'), Type.Literal('revenue')], { default: 'units' }),
            currency: Type.Optional(Currency),
            limit: Type.Integer({ minimum: 1, maximum: 100, default: 10 }),
          }),
          response: { 200: Type.Object({ items: Type.Array(Product) }) },
        },
      },
      async ({ query: { by, currency, limit, ...span } }) => {
        const rows = await topProducts(db, { by, currency, limit, ...spanOf(span) })
        return {
          items: rows.map(({ revenueMinor, currency: of, ...row }) => ({ ...row, revenue: toMoney(revenueMinor, of) })),
        }
      },
    )
  }
}
