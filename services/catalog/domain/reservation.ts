import type { Draft } from '#pipelines/outbox/types.ts'
import type { Line, Movement, MovementReason, Stock } from '../product.ts'
import { move, stockChanged } from './stock.ts'

/** RELEASED without an answer is the mark of a cancellation that came before the question. */
export type ReservationStatus = 'RESERVED' | 'REJECTED' | 'RELEASED' | 'SOLD'

export type StockAnswer = Draft<'OrderStockConfirmed'> | Draft<'OrderStockRejected'>

export interface Reservation {
  readonly orderId: string
  readonly status: ReservationStatus
  /** What ordering was told, with the time it was told first. */
  readonly answer: StockAnswer | undefined
}

/** What a product can give. */
export interface Shelf extends Stock {
  readonly discontinued: boolean
}

/** Ordering's question: may this order have these units? */
export interface Question {
  readonly orderId: string
  readonly version: number
  readonly lines: readonly Line[]
}

/** What follows: the reservation's new state, rows for the ledger, events. Or a reason why nothing does. */
export type Decision =
  | { readonly next: Reservation; readonly movements: readonly Movement[]; readonly events: readonly CatalogEvent[] }
  | { readonly quiet: string }
  | { readonly wrong: string }

export type CatalogEvent = StockAnswer | Draft<'ProductStockChanged'>

/** Whether a question can be answered at all. Ordering never sends another; if it did, no retry would help. */
export function flawOf({ lines }: Question): string | undefined {
  if (lines.length === 0) return 'no lines to reserve'
  return lines.some(({ quantity }) => quantity < 1) ? 'a quantity below 1 cannot be reserved' : undefined
}

/**
 * Reserves all lines or none. `shelves` holds what is known of the products, locked; `at` is the time of the answer in milliseconds.
 * Lines of the same product take one after the other.
 */
export function reserve(
  { orderId, version, lines }: Question,
  shelves: ReadonlyMap<string, Shelf>,
  at: number,
): Exclude<Decision, { quiet: string } | { wrong: string }> {
  const left = new Map(shelves)
  const movements: Movement[] = []
  const rejected: Draft<'OrderStockRejected'>['lines'][number][] = []
  for (const { productId, quantity } of lines) {
    const shelf = left.get(productId)
    const reason = refusal(shelf, quantity)
    if (!shelf || reason) {
      const available = shelf && !shelf.discontinued ? shelf.available : 0
      rejected.push({ productId, requested: quantity, available, reason: reason ?? 'UNKNOWN_PRODUCT' })
      continue
    }
    const movement = move(shelf, 'RESERVED', quantity, { orderId })
    left.set(productId, { ...shelf, ...movement })
    movements.push(movement)
  }
  const common = { orderId, orderVersion: version, occurredAt: at }
  if (rejected.length > 0) {
    const answer: StockAnswer = { type: 'OrderStockRejected', ...common, lines: rejected }
    return { next: { orderId, status: 'REJECTED', answer }, movements: [], events: [answer] }
  }
  const answer: StockAnswer = { type: 'OrderStockConfirmed', ...common, lines: movements.map(reservedLine) }
  return { next: { orderId, status: 'RESERVED', answer }, movements, events: [answer, ...movements.map(stockChanged)] }
}

function refusal(shelf: Shelf | undefined, quantity: number) {
  if (!shelf) return 'UNKNOWN_PRODUCT'
  if (shelf.discontinued) return 'DISCONTINUED'
  return shelf.available < quantity ? 'INSUFFICIENT' : undefined
}

function reservedLine({ productId, delta, available, reserved, stockVersion }: Movement) {
  return { productId, quantity: -delta, availableAfter: available, reservedAfter: reserved, stockVersion }
}

/** The same question again, under a new event id: the recorded answer, or none if the order was cancelled before it was asked. */
export function askedAgain({ answer }: Reservation): readonly CatalogEvent[] {
  return answer ? [answer] : []
}

/** The units a reservation holds. */
export function heldLines({ status, answer }: Reservation): readonly Line[] {
  return status === 'RESERVED' && answer?.type === 'OrderStockConfirmed' ? answer.lines : []
}

/** The order is paid: what it holds is sold. */
export function sell(reservation: Reservation, stocks: ReadonlyMap<string, Stock>): Decision {
  switch (reservation.status) {
    case 'RESERVED':
      return settle(reservation, 'SOLD', stocks)
    case 'SOLD':
      return { quiet: 'sold already' }
    case 'REJECTED':
      return { wrong: 'the order is paid, but its stock was refused' }
    case 'RELEASED':
      return { wrong: 'the order is paid, but its stock was given back' }
  }
}

/** The order is cancelled: what it holds becomes available. */
export function release(reservation: Reservation, stocks: ReadonlyMap<string, Stock>): Decision {
  switch (reservation.status) {
    case 'RESERVED':
      return settle(reservation, 'RELEASED', stocks)
    case 'RELEASED':
      return { quiet: 'given back already' }
    case 'REJECTED':
      return { quiet: 'nothing was reserved' }
    case 'SOLD':
      return { wrong: 'the order is cancelled, but it was paid' }
  }
}

function settle(reservation: Reservation, status: 'SOLD' | 'RELEASED', stocks: ReadonlyMap<string, Stock>): Decision {
  const { orderId } = reservation
  const left = new Map(stocks)
  const movements: Movement[] = []
  for (const { productId, quantity } of heldLines(reservation)) {
    const stock = left.get(productId)
    if (!stock) return { wrong: `the stock of ${productId} is gone` }
    const movement = move(stock, status satisfies MovementReason, quantity, { orderId })
    left.set(productId, movement)
    movements.push(movement)
  }
  return { next: { ...reservation, status }, movements, events: movements.map(stockChanged) }
}
