import type { CheckoutView, Movement, OrderSummary, OrderView, PaymentView, Product, Stock } from '../rest/views.ts'

/**
 * What every side says of one run, read from outside. Checks compare the sides. An *accepted* order is one whose checkout was
 * answered with 202; an *unanswered* customer got no answer in spite of all repeats and may or may not have an order.
 */
export interface Material {
  readonly accepted: readonly string[]
  readonly unanswered: ReadonlySet<string>
  /** What basket says it accepted. */
  readonly checkouts: ReadonlyMap<string, CheckoutView>
  /** All orders of this run's customers, as ordering lists them. */
  readonly listed: readonly OrderSummary[]
  readonly orders: ReadonlyMap<string, OrderView>
  readonly payments: ReadonlyMap<string, PaymentView>
  readonly products: readonly ProductBook[]
  readonly rows: readonly OrderRow[]
  readonly charges: readonly ChargeRow[]
}

/** A product's stock before the run, now, and the ledger in between, oldest first. */
export interface ProductBook {
  readonly id: string
  readonly sku: string
  readonly before: Stock
  readonly now: Pick<Product, keyof Stock>
  readonly movements: readonly Movement[]
}

/** An order as ClickHouse has it; 64-bit integers come as text. */
export interface OrderRow {
  readonly orderId: string
  readonly status: string
  readonly currency: string
  readonly totalMinor: string | null
  readonly unitCount: string
  readonly cancelReason: string
}

/** What was captured and refunded for an order, from ClickHouse's payment events: an event that was sent again counts once. */
export interface ChargeRow {
  readonly orderId: string
  readonly captures: number
  readonly capturedMinor: string
  readonly refunds: number
  readonly refundedMinor: string
}

/** Something that is not as it must be. */
export interface Finding {
  readonly says: string
  /** The orders it is about; empty when it is about a product. */
  readonly orderIds: readonly string[]
}

/** One thing that must hold, and how to see whether it does. */
export interface Check {
  readonly title: string
  find(material: Material): readonly Finding[]
}

export function paid({ status }: { readonly status: string }): boolean {
  return status === 'Paid' || status === 'Shipped'
}
