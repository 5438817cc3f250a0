import { describe, expect, it } from 'vitest'
import { changedPrices, currencyOf, putItem, removeItem, told, totalMinor, unitCount } from './domain.ts'
import { basket, LIMITS, line, product, productId, productsOf } from './testing/baskets.ts'

const products = productsOf(product(1), product(2), product(3), product(4))
const put = (from: ReturnType<typeof basket>, n: number, quantity: number) =>
  putItem(from, { productId: productId(n), quantity }, products, LIMITS)

describe('putting a product in', () => {
  it('adds a line at the price the catalog has', () => {
    expect(put(basket([line(1, 2)]), 2, 3)).toEqual({
      outcome: 'edited',
      basket: basket([line(1, 2), line(2, 3, { unitPriceMinor: 2_000 })], 2),
    })
  })

  it('replaces the quantity of a product that is in, at its place', () => {
    expect(put(basket([line(1, 2), line(2, 1)]), 1, 5)).toMatchObject({
      basket: { version: 3, lines: [{ lineNo: 1, quantity: 5 }, { lineNo: 2 }] },
    })
  })

  it('the same again changes nothing, not even the version', () => {
    const before = basket([line(1, 2)])
    expect(put(before, 1, 2)).toEqual({ outcome: 'unchanged', basket: before })
  })

  it('numbers a new line after the greatest, also when one was taken out', () => {
    const edit = put(basket([line(3, 1)]), 1, 1)
    expect(edit).toMatchObject({ basket: { lines: [{ lineNo: 3 }, { lineNo: 4 }] } })
  })

  it('refuses more units than a line may have', () => {
    expect(put(basket([]), 1, LIMITS.maxQuantity)).toMatchObject({ outcome: 'edited' })
    expect(put(basket([]), 1, LIMITS.maxQuantity + 1)).toEqual({ outcome: 'refused', refusal: 'QUANTITY_TOO_LARGE' })
  })

  it('refuses more lines than a basket may have, but not another quantity of one that is in', () => {
    const full = basket([line(1, 1), line(2, 1), line(3, 1)])
    expect(put(full, 4, 1)).toEqual({ outcome: 'refused', refusal: 'TOO_MANY_LINES' })
    expect(put(full, 3, 2)).toMatchObject({ outcome: 'edited' })
  })

  it('refuses a second currency', () => {
    const foreign = productsOf(product(1), product(2, { currency: 'USD' }))
    const edit = putItem(basket([line(1, 1)]), { productId: productId(2), quantity: 1 }, foreign, LIMITS)
    expect(edit).toEqual({ outcome: 'refused', refusal: 'CURRENCY_DIFFERS' })
  })

  it('refuses a total that could not be told exactly', () => {
    const dear = productsOf(product(1, { unitPriceMinor: Number.MAX_SAFE_INTEGER }))
    const edit = putItem(basket([]), { productId: productId(1), quantity: 2 }, dear, LIMITS)
    expect(edit).toEqual({ outcome: 'refused', refusal: 'TOTAL_TOO_LARGE' })
  })
})

describe('taking a product out', () => {
  it('leaves the other lines', () => {
    expect(removeItem(basket([line(1, 1), line(2, 1)]), productId(1))).toEqual({
      outcome: 'edited',
      basket: basket([line(2, 1)], 3),
    })
  })

  it('that is not in changes nothing', () => {
    const before = basket([line(1, 1)])
    expect(removeItem(before, productId(2))).toEqual({ outcome: 'unchanged', basket: before })
  })
})

describe('the price a customer was told', () => {
  const raised = productsOf(product(1, { priceVersion: 2, unitPriceMinor: 1_100 }), product(2))
  const before = basket([line(1, 2), line(2, 1)])

  it('differs once the catalog has another version', () => {
    expect(changedPrices(before, products)).toEqual([])
    expect(changedPrices(before, raised)).toEqual([before.lines[0]])
  })

  it("becomes today's when it is told, which is no edit", () => {
    const now = told(before, raised)
    expect(changedPrices(now, raised)).toEqual([])
    expect(now.version).toBe(before.version)
    expect(now.lines[0]).toMatchObject({ priceVersion: 2, unitPriceMinor: 1_100 })
  })

  it('is left alone when it is the same', () => {
    expect(told(before, products)).toBe(before)
  })
})

describe('totals', () => {
  it("are at today's prices", () => {
    const filled = basket([line(1, 2), line(2, 3)])
    expect(totalMinor(filled, products)).toBe(8_000)
    expect(totalMinor(filled, productsOf(product(1, { unitPriceMinor: 1 }), product(2)))).toBe(6_002)
    expect(unitCount(filled)).toBe(5)
  })

  it('have the one currency of the products, or none', () => {
    expect(currencyOf(basket([line(1, 1)]), products)).toBe('EUR')
    expect(currencyOf(basket([]), products)).toBeUndefined()
    const mixed = productsOf(product(1), product(2, { currency: 'USD' }))
    expect(currencyOf(basket([line(1, 1), line(2, 1)]), mixed)).toBeUndefined()
  })
})
