import type { ClickHouseClient } from '@clickhouse/client'
import type { Routes } from '#pipelines/http/types.ts'
import { Type } from '#pipelines/kernel/config.ts'
import { toMoney } from '#pipelines/kernel/money.ts'
import { totalIncome } from '../queries/income.ts'
import { paymentsByOutcome } from '../queries/payments.ts'
import { Count, Money, READERS, spanOf, spanQuery, Text } from './shapes.ts'

const Income = Type.Object({ orders: Count, charged: Money, refunded: Money, income: Money })
const Outcome = Type.Object({
  outcome: Type.Union([Type.Literal('Succeeded'), Type.Literal('Failed'), Type.Literal('Refunded')]),
  reason: Type.Union([Text, Type.Null()]),
  payments: Count,
  amount: Money,
})

export function moneyRoutes(db: ClickHouseClient): Routes {
  return (app) => {
    app.get(
      '/v1/analytics/income',
      {
        config: { access: READERS },
        schema: {
          summary: 'What was charged, refunded and kept, one line per currency',
          querystring: Type.Object(spanQuery),
          response: { 200: Type.Object({ items: Type.Array(Income) }) },
        },
      },
      async ({ query }) => {
        const rows = await totalIncome(db, spanOf(query))
        return {
          items: rows.map(({ currency, orders, chargedMinor, refundedMinor, incomeMinor }) => ({
            orders,
            charged: toMoney(chargedMinor, currency),
            refunded: toMoney(refundedMinor, currency),
            income: toMoney(incomeMinor, currency),
          })),
        }
      },
    )
    app.get(
      '/v1/analytics/payments',
      {
        config: { access: READERS },
        schema: {
          summary: 'How payments ended, with reasons, one line per currency',
          querystring: Type.Object(spanQuery),
          response: { 200: Type.Object({ items: Type.Array(Outcome) }) },
        },
      },
      async ({ query }) => {
        const rows = await paymentsByOutcome(db, spanOf(query))
        return {
          items: rows.map(({ outcome, reason, currency, payments, amountMinor }) => ({
            outcome,
            reason: reason === '' ? null : reason,
            payments,
            amount: toMoney(amountMinor, currency),
          })),
        }
      },
    )
  }
}
