/**
 * Vocabulary. A customer has at most one open *basket*. A *line* is a product in it. A *product* here is what the catalog says of it,
 * price included; nothing of it ever comes from the client. A *checkout* closes a basket for ever and makes the order's id.
 */
export interface Basket {
  readonly basketId: string
  readonly customerId: string
  /** Counts edits of the customer. */
  readonly version: number
  readonly lines: readonly Line[]
  readonly expiresAtMs: number
}

export interface Line {
  readonly lineNo: number
  readonly productId: string
  readonly quantity: number
  /** The price the customer was last told: checkout takes no other. */
  readonly priceVersion: number
  readonly unitPriceMinor: number
}

export interface Product {
  readonly productId: string
  readonly sku: string
  readonly name: string
  readonly brand: string
  readonly category: string
  readonly unitPriceMinor: number
  readonly currency: string
  readonly priceVersion: number
}

/** By product id. */
export type Products = ReadonlyMap<string, Product>

export interface Limits {
  readonly maxLines: number
  /** Units of one product. */
  readonly maxQuantity: number
}
