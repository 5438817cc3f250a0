import type { Basket, Line, Product, Products } from '../basket.ts'

export const CUSTOMER = 'customer-1'
export const LIMITS = { maxLines: 3, maxQuantity: 100 }

/** The n-th product: 10.00 EUR times n, at price version 1. */
export function product(n: number, fields: Partial<Product> = {}): Product {
  return {
    productId: productId(n),
    sku: `SKU-${n}`,
    name: `Product ${n}`,
    brand: 'Acme',
    category: 'tools',
    unitPriceMinor: n * 1_000,
    currency: 'EUR',
    priceVersion: 1,
    ...fields,
  }
}

export function productId(n: number): string {
  return `0193f000-0000-7000-8000-${String(n).padStart(12, '0')}`
}

export function productsOf(...products: readonly Product[]): Products {
  return new Map(products.map((each) => [each.productId, each]))
}

export function line(n: number, quantity: number, fields: Partial<Line> = {}): Line {
  return { lineNo: n, productId: productId(n), quantity, priceVersion: 1, unitPriceMinor: n * 1_000, ...fields }
}

export function basket(lines: readonly Line[], version = lines.length): Basket {
  return {
    basketId: '0193f000-0000-7000-8000-0000000000ba',
    customerId: CUSTOMER,
    version,
    lines,
    expiresAtMs: Date.UTC(2027, 0, 1),
  }
}
