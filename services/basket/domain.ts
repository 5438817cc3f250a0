import { CodedError } from '#pipelines/kernel/errors.ts'
import type { Basket, Limits, Line, Product, Products } from './basket.ts'

export type Refusal = 'QUANTITY_TOO_LARGE' | 'TOO_MANY_LINES' | 'CURRENCY_DIFFERS' | 'TOTAL_TOO_LARGE'

export type Edit =
  | { readonly outcome: 'edited'; readonly basket: Basket }
  | { readonly outcome: 'unchanged'; readonly basket: Basket }
  | { readonly outcome: 'refused'; readonly refusal: Refusal }

/** Sets how many units of a product the customer wants; `products` holds those of the lines and the one put. */
export function putItem(
  basket: Basket,
  { productId, quantity }: { readonly productId: string; readonly quantity: number },
  products: Products,
  limits: Limits,
): Edit {
  if (quantity > limits.maxQuantity) return { outcome: 'refused', refusal: 'QUANTITY_TOO_LARGE' }
  const product = productOf(products, productId)
  const known = basket.lines.find((line) => line.productId === productId)
  if (known?.quantity === quantity) return { outcome: 'unchanged', basket }
  if (!known && basket.lines.length >= limits.maxLines) return { outcome: 'refused', refusal: 'TOO_MANY_LINES' }
  const others = basket.lines.filter((line) => line !== known)
  if (others.some((line) => productOf(products, line.productId).currency !== product.currency)) {
    return { outcome: 'refused', refusal: 'CURRENCY_DIFFERS' }
  }
  const { priceVersion, unitPriceMinor } = product
  const lines = known
    ? basket.lines.map((line) => (line === known ? { ...line, quantity } : line))
    : [...others, { lineNo: nextLineNo(others), productId, quantity, priceVersion, unitPriceMinor }]
  const edited = { ...basket, version: basket.version + 1, lines }
  if (!Number.isSafeInteger(totalMinor(edited, products))) return { outcome: 'refused', refusal: 'TOTAL_TOO_LARGE' }
  return { outcome: 'edited', basket: edited }
}

/** Takes a line out. A line that is not there is out already. */
export function removeItem(basket: Basket, productId: string): Edit {
  const lines = basket.lines.filter((line) => line.productId !== productId)
  if (lines.length === basket.lines.length) return { outcome: 'unchanged', basket }
  return { outcome: 'edited', basket: { ...basket, version: basket.version + 1, lines } }
}

/** Lines whose price is no longer the one the customer was told. */
export function changedPrices(basket: Basket, products: Products): readonly Line[] {
  return basket.lines.filter((line) => line.priceVersion !== productOf(products, line.productId).priceVersion)
}

/** The basket once the customer has been told today's prices. Not an edit: the version stays. */
export function told(basket: Basket, products: Products): Basket {
  if (changedPrices(basket, products).length === 0) return basket
  const lines = basket.lines.map((line): Line => {
    const { priceVersion, unitPriceMinor } = productOf(products, line.productId)
    return { ...line, priceVersion, unitPriceMinor }
  })
  return { ...basket, lines }
}

/** Minor units at today's prices. */
export function totalMinor(basket: Basket, products: Products): number {
  return basket.lines.reduce((sum, line) => sum + line.quantity * productOf(products, line.productId).unitPriceMinor, 0)
}

export function unitCount(basket: Basket): number {
  return basket.lines.reduce((sum, line) => sum + line.quantity, 0)
}

/** The one currency of a basket; undefined when it is empty, or when the catalog has since given a product another one. */
export function currencyOf(basket: Basket, products: Products): string | undefined {
  const currencies = new Set(basket.lines.map((line) => productOf(products, line.productId).currency))
  return currencies.size === 1 ? [...currencies][0] : undefined
}

/** Every line's product was stored before the line was. */
export function productOf(products: Products, productId: string): Product {
  const product = products.get(productId)
  if (!product) throw new CodedError('PRODUCT_NOT_STORED', 'a line has no product', { facts: { productId } })
  return product
}

function nextLineNo(lines: readonly Line[]): number {
  return lines.reduce((most, line) => Math.max(most, line.lineNo), 0) + 1
}
