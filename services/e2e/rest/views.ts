import type { MoneyText } from '#pipelines/kernel/money.ts'

/** What the services' REST answers hold, as far as it is read here. Written down anew: a client knows the interface, not the code. */
export interface Page<T> {
  readonly items: readonly T[]
  readonly nextCursor: string | null
}

export interface Stock {
  readonly available: number
  readonly reserved: number
  readonly sold: number
  readonly stockVersion: number
}

export interface Product extends Stock {
  readonly id: string
  readonly sku: string
  readonly name: string
  readonly price: MoneyText
  readonly priceVersion: number
  readonly discontinued: boolean
}

export interface Movement extends Stock {
  readonly reason: 'RECEIVED' | 'CORRECTED' | 'RESERVED' | 'RELEASED' | 'SOLD'
  readonly delta: number
  readonly orderId: string | null
}

export interface BasketView {
  readonly basketId: string | null
  readonly items: readonly {
    readonly productId: string
    readonly quantity: number
    readonly unitPrice: MoneyText
  }[]
  readonly unitCount: number
  readonly total: MoneyText | null
}

/** What basket accepted. */
export interface CheckoutView {
  readonly orderId: string
  readonly status: 'Accepted' | 'Started'
  readonly total: MoneyText
  readonly itemCount: number
  readonly unitCount: number
}

/** The statuses from which an order does not move on by itself. */
export const FINAL: readonly string[] = ['Paid', 'Shipped', 'Cancelled']

export interface OrderSummary {
  readonly orderId: string
  readonly status: string
  readonly customerId: string
  readonly placedAt: string
  readonly total: MoneyText
  readonly itemCount: number
  readonly unitCount: number
}

export interface OrderView extends OrderSummary {
  readonly items: readonly { readonly productId: string; readonly quantity: number }[]
  readonly timeline: readonly { readonly status: string; readonly at: string; readonly reason?: string }[]
}

export interface PaymentView {
  readonly orderId: string
  readonly paymentId: string
  readonly status: 'CANCELLED' | 'CHARGING' | 'SUCCEEDED' | 'FAILED' | 'REFUNDING' | 'REFUNDED'
  readonly amount: MoneyText
}

export interface Problem {
  readonly code?: string
  readonly detail?: string
}

/** Why an order was cancelled; undefined while it is not. */
export function cancelReasonOf({ timeline }: OrderView): string | undefined {
  return timeline.find(({ status }) => status === 'Cancelled')?.reason
}
