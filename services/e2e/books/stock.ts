import type { Movement, OrderView, Stock } from '../rest/views.ts'
import { type Check, type Finding, type Material, type ProductBook, paid } from './material.ts'

/** Every number of the stock follows from the ledger, row by row. */
export const ledgerExplainsStock: Check = {
  title: 'the ledger explains every number of the stock',
  find: ({ products }) => products.flatMap((book) => faultsOfLedger(book)),
}

/** Nothing was sold that was not there. */
export const nothingOversold: Check = {
  title: 'no stock was ever below zero',
  find: ({ products }) =>
    products.flatMap(({ sku, now, movements }) =>
      [...movements, now]
        .filter(({ available, reserved, sold }) => Math.min(available, reserved, sold) < 0)
        .map(({ stockVersion, available, reserved, sold }) => ({
          says: `${sku} at movement ${stockVersion}: ${available} available, ${reserved} reserved, ${sold} sold`,
          orderIds: [],
        })),
    ),
}

/** A paid order took what it ordered, once; a cancelled one gave back what it had taken. */
export const ordersMovedTheirStock: Check = {
  title: 'paid orders took their units once, cancelled ones gave theirs back',
  find: (material) => {
    const moved = movedByOrder(material)
    return [...material.orders.values()].flatMap((order) => {
      const ordered = unitsOf(order)
      const movements = moved.get(order.orderId) ?? new Map<string, readonly Movement[]>()
      return [...new Set([...ordered.keys(), ...movements.keys()])].flatMap((productId) => {
        const fault = faultOf(order, ordered.get(productId) ?? 0, movements.get(productId) ?? [])
        return fault === undefined ? [] : [{ says: `product ${productId}: ${fault}`, orderIds: [order.orderId] }]
      })
    })
  },
}

const EFFECTS = {
  RECEIVED: { available: 1, reserved: 0, sold: 0 },
  CORRECTED: { available: 1, reserved: 0, sold: 0 },
  RESERVED: { available: 1, reserved: -1, sold: 0 },
  RELEASED: { available: 1, reserved: -1, sold: 0 },
  SOLD: { available: 0, reserved: 1, sold: -1 },
} as const satisfies Record<Movement['reason'], Omit<Stock, 'stockVersion'>>

function after({ available, reserved, sold, stockVersion }: Stock, { reason, delta }: Movement): Stock {
  const effect = EFFECTS[reason]
  return {
    available: available + effect.available * delta,
    reserved: reserved + effect.reserved * delta,
    sold: sold + effect.sold * delta,
    stockVersion: stockVersion + 1,
  }
}

function faultsOfLedger({ sku, before, now, movements }: ProductBook): Finding[] {
  let expected = before
  for (const movement of movements) {
    expected = after(expected, movement)
    if (!equal(expected, movement)) return [difference(sku, `movement ${movement.stockVersion}`, movement, expected)]
  }
  return equal(expected, now) ? [] : [difference(sku, 'the product', now, expected)]
}

function equal(a: Stock, b: Stock): boolean {
  return (
    a.available === b.available && a.reserved === b.reserved && a.sold === b.sold && a.stockVersion === b.stockVersion
  )
}

function difference(sku: string, where: string, is: Stock, expected: Stock): Finding {
  const text = ({ available, reserved, sold, stockVersion }: Stock) =>
    `${available} available, ${reserved} reserved, ${sold} sold (version ${stockVersion})`
  return { says: `${sku}: ${where} says ${text(is)}; the ledger before it gives ${text(expected)}`, orderIds: [] }
}

/** Movements by order, then by product. */
type MovedByOrder = ReadonlyMap<string, ReadonlyMap<string, readonly Movement[]>>

function movedByOrder({ products }: Material): MovedByOrder {
  const moved = new Map<string, Map<string, Movement[]>>()
  for (const { id, movements } of products)
    for (const movement of movements) {
      if (movement.orderId === null) continue
      const byProduct = moved.get(movement.orderId) ?? new Map<string, Movement[]>()
      moved.set(movement.orderId, byProduct.set(id, [...(byProduct.get(id) ?? []), movement]))
    }
  return moved
}

function unitsOf({ items }: OrderView): Map<string, number> {
  const units = new Map<string, number>()
  for (const { productId, quantity } of items) units.set(productId, (units.get(productId) ?? 0) + quantity)
  return units
}

function faultOf(order: OrderView, ordered: number, movements: readonly Movement[]): string | undefined {
  const sum = (reason: Movement['reason']) =>
    movements.filter((one) => one.reason === reason).reduce((units, { delta }) => units + Math.abs(delta), 0)
  const [reserved, released, sold] = [sum('RESERVED'), sum('RELEASED'), sum('SOLD')]
  const moves = `reserved ${reserved}, released ${released}, sold ${sold}`
  if (paid(order))
    return reserved === ordered && sold === ordered && released === 0
      ? undefined
      : `${order.status} with ${ordered} units, ${moves}`
  if (order.status !== 'Cancelled') return undefined
  const gaveBack = sold === 0 && reserved === released && (reserved === 0 || reserved === ordered)
  return gaveBack ? undefined : `Cancelled with ${ordered} units, ${moves}`
}
