/**
 * Vocabulary. A *product* is what is sold, known to people by its *sku*. Its *stock* counts units: *available* can be reserved,
 * *reserved* belong to orders that are not paid yet, *sold* are gone. A *movement* is one change of stock and a row of the ledger. A
 * *reservation* holds units for one order. *Discontinued* products stay readable and cannot be reserved.
 */
export interface Product {
  readonly id: string
  readonly sku: string
  readonly name: string
  readonly description: string | null
  readonly brand: string
  readonly category: string
  readonly priceMinor: number
  readonly currency: string
  /** Counts the prices of the product, from 1. */
  readonly priceVersion: number
  /** Counts edits, prices included, stock not. */
  readonly version: number
  readonly discontinued: boolean
}

export interface Stock {
  readonly productId: string
  readonly available: number
  readonly reserved: number
  readonly sold: number
  /** Counts the movements of the product, from 1; 0 before the first. */
  readonly stockVersion: number
}

export type MovementReason = 'RECEIVED' | 'CORRECTED' | 'RESERVED' | 'RELEASED' | 'SOLD'

/** One change of a product's stock, with the stock after it. */
export interface Movement extends Stock {
  readonly reason: MovementReason
  /** Change of the available units; when SOLD, of the reserved ones. */
  readonly delta: number
  readonly orderId: string | null
  readonly note: string | null
}

/** So many units of one product. */
export interface Line {
  readonly productId: string
  readonly quantity: number
}
