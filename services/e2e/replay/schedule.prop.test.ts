import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { Invoice } from './invoices.ts'
import { playInOrder } from './schedule.ts'

const invoices = fc.array(
  fc.record({
    customer: fc.constantFrom('a', 'b', 'c'),
    sku: fc.constantFrom('x', 'y'),
    priceMinor: fc.constantFrom(1, 2),
  }),
  { maxLength: 30 },
)

test('invoices start in order, never two of a customer, never two prices of a product at once', async () => {
  await fc.assert(
    fc.asyncProperty(
      invoices,
      fc.integer({ min: 1, max: 6 }),
      fc.scheduler(),
      async (specs, concurrency, scheduler) => {
        const all: Invoice[] = specs.map(({ customer, sku, priceMinor }, at) => ({
          invoice: String(at),
          customer,
          country: '',
          at,
          rows: 1,
          lines: [{ sku, name: '', quantity: 1, priceMinor }],
        }))
        const active = new Set<Invoice>()
        const started: number[] = []
        const play = async (invoice: Invoice) => {
          for (const other of active) {
            expect(other.customer).not.toBe(invoice.customer)
            if (other.lines[0]?.sku === invoice.lines[0]?.sku)
              expect(other.lines[0]?.priceMinor).toBe(invoice.lines[0]?.priceMinor)
          }
          active.add(invoice)
          started.push(invoice.at)
          expect(active.size).toBeLessThanOrEqual(concurrency)
          await scheduler.schedule(Promise.resolve())
          active.delete(invoice)
        }
        await scheduler.waitFor(
          playInOrder(all, play, { concurrency, perSecond: undefined, signal: new AbortController().signal }),
        )
        expect(started).toEqual(all.map(({ at }) => at))
      },
    ),
    { numRuns: 200 },
  )
})

test('a failed invoice ends the run after what is in flight, and is reported', async () => {
  const all: Invoice[] = [1, 2, 3].map((at) => ({
    invoice: String(at),
    customer: String(at),
    country: '',
    at,
    rows: 1,
    lines: [],
  }))
  const played: string[] = []
  const play = async ({ invoice }: Invoice) => {
    if (invoice === '2') throw new Error('refused')
    played.push(invoice)
  }
  await expect(
    playInOrder(all, play, { concurrency: 1, perSecond: undefined, signal: new AbortController().signal }),
  ).rejects.toThrow('refused')
  expect(played).toEqual(['1'])
})
