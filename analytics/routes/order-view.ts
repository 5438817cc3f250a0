import { Type } from '#pipelines/kernel/config.ts'
import { toMoney } from '#pipelines/kernel/money.ts'
import type { OrderEvent, OrderRow } from '../queries/order.ts'
import { Count, Money, Text, Timestamp, Uuid, When } from './shapes.ts'

const MaybeMoney = Type.Union([Money, Type.Null()])
const MaybeText = Type.Union([Text, Type.Null()])
const MaybeUuid = Type.Union([Uuid, Type.Null()])

/** One order as analytics knows it: everything that any topic told. What no event has told yet is null. */
export const OrderView = Type.Object({
  orderId: Uuid,
  status: Text,
  version: Type.Integer(),
  customerId: Text,
  basketId: MaybeUuid,
  channel: MaybeText,
  country: MaybeText,
  total: MaybeMoney,
  subtotal: MaybeMoney,
  discount: MaybeMoney,
  shipping: MaybeMoney,
  tax: MaybeMoney,
  itemCount: Count,
  unitCount: Count,
  items: Type.Array(
    Type.Object({
      lineNo: Type.Integer(),
      productId: Uuid,
      sku: Text,
      name: Text,
      brand: Text,
      category: Text,
      unitPrice: MaybeMoney,
      quantity: Type.Integer(),
    }),
  ),
  times: Type.Record(Type.String(), When),
  stock: Type.Object({
    outcome: Text,
    rejectedLines: Type.Array(
      Type.Object({ productId: Uuid, requested: Type.Integer(), available: Type.Integer(), reason: Text }),
    ),
  }),
  payment: Type.Object({
    outcome: Text,
    paymentId: MaybeUuid,
    provider: MaybeText,
    cardBrand: MaybeText,
    attempts: Count,
    charged: MaybeMoney,
    failReason: MaybeText,
    refunded: MaybeMoney,
    refundReason: MaybeText,
  }),
  cancellation: Type.Union([Type.Object({ reason: Text, from: Text, by: Text }), Type.Null()]),
  shipment: Type.Union([Type.Object({ carrier: MaybeText, trackingNumber: MaybeText }), Type.Null()]),
  events: Type.Array(
    Type.Object({
      type: Text,
      topic: Text,
      partition: Count,
      offset: Count,
      occurredAt: Timestamp,
      recordedAt: Timestamp,
      ingestedAt: Timestamp,
    }),
  ),
})

const TIMES = [
  'checked_out_at',
  'placed_at',
  'started_at',
  'submitted_at',
  'grace_ends_at',
  'grace_confirmed_at',
  'awaiting_validation_at',
  'stock_reserved_at',
  'stock_rejected_at',
  'stock_confirmed_at',
  'payment_succeeded_at',
  'payment_failed_at',
  'payment_refunded_at',
  'paid_at',
  'shipped_at',
  'cancelled_at',
] as const

interface StoredItem {
  readonly line_no: number
  readonly product_id: string
  readonly sku: string
  readonly name: string
  readonly brand: string
  readonly category: string
  readonly unit_price_minor: number
  readonly quantity: number
}

interface StoredRejection {
  readonly product_id: string
  readonly requested: number
  readonly available: number
  readonly reason: string
}

export function orderView(row: OrderRow, events: readonly OrderEvent[]) {
  const text = (name: string) => (row[name] === '' ? null : (row[name] as string | null))
  const money = (minor: unknown) =>
    typeof minor === 'number' && row.currency !== '' ? toMoney(minor, row.currency) : null
  const stockOutcome = row.stock_rejected_at ? 'Rejected' : row.stock_reserved_at ? 'Confirmed' : 'None'
  return {
    orderId: row.order_id,
    status: row.status as string,
    version: row.version as number,
    customerId: row.customer_id as string,
    basketId: text('basket_id'),
    channel: text('channel'),
    country: text('country'),
    total: money(row.total_minor),
    subtotal: money(row.subtotal_minor),
    discount: money(row.discount_minor),
    shipping: money(row.shipping_minor),
    tax: money(row.tax_minor),
    itemCount: row.item_count as number,
    unitCount: row.unit_count as number,
    items: (row.items as readonly StoredItem[]).map((item) => ({
      lineNo: item.line_no,
      productId: item.product_id,
      sku: item.sku,
      name: item.name,
      brand: item.brand,
      category: item.category,
      unitPrice: money(item.unit_price_minor),
      quantity: item.quantity,
    })),
    times: Object.fromEntries(
      TIMES.map((name) => [name.replace(/_([a-z])/g, (_match, letter: string) => letter.toUpperCase()), text(name)]),
    ),
    stock: {
      outcome: stockOutcome,
      rejectedLines: (row.rejected_lines as readonly StoredRejection[]).map(({ product_id, ...line }) => ({
        productId: product_id,
        ...line,
      })),
    },
    payment: {
      outcome: row.payment_outcome as string,
      paymentId: text('payment_id'),
      provider: text('payment_provider'),
      cardBrand: text('card_brand'),
      attempts: row.payment_attempts as number,
      charged: money(row.charged_minor),
      failReason: text('payment_fail_reason'),
      refunded: money(row.refunded_minor),
      refundReason: text('refund_reason'),
    },
    cancellation: row.cancelled_at
      ? { reason: row.cancel_reason as string, from: row.cancelled_from as string, by: row.cancelled_by as string }
      : null,
    shipment: row.shipped_at ? { carrier: text('carrier'), trackingNumber: text('tracking_number') } : null,
    events: [...events],
  }
}
