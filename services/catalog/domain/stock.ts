import { CodedError } from '#pipelines/kernel/errors.ts'
import type { Draft } from '#pipelines/outbox/types.ts'
import type { Movement, MovementReason, Stock } from '../product.ts'

/** More units than this are a mistake; the sum of all stays exact. */
export const MOST_UNITS = 1_000_000_000_000

/** What a movement of one unit does to each count. */
const EFFECTS = {
  RECEIVED: { available: 1, reserved: 0, sold: 0 },
  CORRECTED: { available: 1, reserved: 0, sold: 0 },
  RESERVED: { available: -1, reserved: 1, sold: 0 },
  RELEASED: { available: 1, reserved: -1, sold: 0 },
  SOLD: { available: 0, reserved: -1, sold: 1 },
} as const satisfies Record<MovementReason, { available: number; reserved: number; sold: number }>

export interface Cause {
  readonly orderId?: string
  readonly note?: string | undefined
}

/**
 * Moves units and gives the ledger's next row.
 * @throws CodedError `STOCK_IMPOSSIBLE` when a count would fall below zero or grow beyond {@link MOST_UNITS}
 */
export function move(stock: Stock, reason: MovementReason, units: number, { orderId, note }: Cause = {}): Movement {
  const effect = EFFECTS[reason]
  const next = {
    productId: stock.productId,
    available: stock.available + effect.available * units,
    reserved: stock.reserved + effect.reserved * units,
    sold: stock.sold + effect.sold * units,
    stockVersion: stock.stockVersion + 1,
  }
  if (Math.min(next.available, next.reserved, next.sold) < 0 || next.available > MOST_UNITS) {
    throw new CodedError('STOCK_IMPOSSIBLE', `${reason} of ${units} leaves an impossible stock`, {
      facts: { productId: stock.productId, available: stock.available, reserved: stock.reserved, units },
    })
  }
  const delta = reason === 'SOLD' ? effect.reserved * units : effect.available * units
  return { ...next, reason, delta, orderId: orderId ?? null, note: note ?? null }
}

/** One event per row of the ledger. */
export function stockChanged({ productId, stockVersion, available, reserved, delta, reason, orderId }: Movement) {
  return {
    type: 'ProductStockChanged',
    productId,
    stockVersion,
    available,
    reserved,
    delta,
    reason,
    orderId,
  } satisfies Draft<'ProductStockChanged'>
}
