import type { Closable } from '#pipelines/kernel/lifecycle.ts'
import type { PaymentFailReason } from '#schemas/generated/events.ts'

/** What the provider says for certain. Anything else is a throw, and a throw means that the outcome is unknown. */
export type ChargeAnswer =
  | { readonly outcome: 'captured'; readonly cardBrand: string | null; readonly capturedAt: number }
  | { readonly outcome: 'refused'; readonly reason: PaymentFailReason }

export interface RefundAnswer {
  readonly refundedAt: number
}

export interface ChargeRequest {
  /** The same key asks for the same charge: it is made at most once, and every call gets its answer. */
  readonly key: string
  readonly amountMinor: number
  readonly currency: string
  readonly paymentToken: string
}

export interface RefundRequest {
  /** As above, for the refund: never the charge's key. */
  readonly key: string
  readonly chargeKey: string
  readonly amountMinor: number
  readonly currency: string
}

/** A payment provider as this service needs one. Called outside any transaction; both calls may be repeated with the same key. */
export interface PaymentProvider extends Closable {
  /** Stands in the events. */
  readonly name: string
  /** @throws whatever happens while it is not known whether the money was captured: ask again with the same key */
  charge(request: ChargeRequest, signal: AbortSignal): Promise<ChargeAnswer>
  /** @throws whatever happens while it is not known whether the money went back: ask again with the same key */
  refund(request: RefundRequest, signal: AbortSignal): Promise<RefundAnswer>
}
