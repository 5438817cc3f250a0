import { pause } from '#pipelines/kernel/lifecycle.ts'
import type { Invoice } from './invoices.ts'

/**
 * Which invoices may be played at the same time: never two of one customer (one basket each), never two that need different prices of
 * one product (it has one price at a time). Invoices start in date order: one that has to wait holds back those behind it.
 */
export class Lanes {
  readonly #customers = new Set<string>()
  readonly #prices = new Map<string, { priceMinor: number; holders: number }>()

  /** Takes the invoice's customer and prices, or takes nothing and says no. */
  enter({ customer, lines }: Invoice): boolean {
    if (this.#customers.has(customer)) return false
    if (lines.some(({ sku, priceMinor }) => (this.#prices.get(sku)?.priceMinor ?? priceMinor) !== priceMinor))
      return false
    this.#customers.add(customer)
    for (const { sku, priceMinor } of lines) {
      this.#prices.set(sku, { priceMinor, holders: (this.#prices.get(sku)?.holders ?? 0) + 1 })
    }
    return true
  }

  leave({ customer, lines }: Invoice): void {
    this.#customers.delete(customer)
    for (const { sku } of lines) {
      const held = this.#prices.get(sku)
      if (!held) continue
      if (held.holders === 1) this.#prices.delete(sku)
      else this.#prices.set(sku, { ...held, holders: held.holders - 1 })
    }
  }
}

/** Plays all invoices in date order, at most `concurrency` at once and `perSecond` started a second. Stops starting on abort. */
export async function playInOrder(
  invoices: readonly Invoice[],
  play: (invoice: Invoice) => Promise<void>,
  { concurrency, perSecond, signal }: { concurrency: number; perSecond: number | undefined; signal: AbortSignal },
): Promise<void> {
  const lanes = new Lanes()
  const running = new Set<Promise<void>>()
  const startedAt = performance.now()
  const failures: unknown[] = []
  let started = 0
  for (const invoice of invoices) {
    while (running.size >= concurrency || !lanes.enter(invoice)) await Promise.race(running)
    if (perSecond !== undefined) await pause(startedAt + (started * 1000) / perSecond - performance.now(), signal)
    if (signal.aborted || failures.length > 0) break
    started += 1
    const one: Promise<void> = play(invoice)
      .catch((error: unknown) => void failures.push(error))
      .finally(() => {
        lanes.leave(invoice)
        running.delete(one)
      })
    running.add(one)
  }
  await Promise.all(running)
  if (failures.length > 0) throw failures[0]
}
