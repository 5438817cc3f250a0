import { Counter, Gauge, Histogram, type Registry } from 'prom-client'
import type { Sql } from '#pipelines/kernel/database.ts'
import { sharedRead } from '#pipelines/kernel/shared-read.ts'
import type { PaymentProvider } from './provider/provider.ts'
import { type OpenPayments, openPayments } from './store.ts'

/** Shows how many payments wait for the provider, and for how long the oldest has. Read when asked for; unchanged while the database is away. */
export function watchOpenPayments(database: Sql, registry: Registry): void {
  const open = sharedRead(() => openPayments(database))
  gauge('payment_open', 'Payments CHARGING or REFUNDING', ({ payments }) => payments)
  gauge(
    'payment_open_oldest_seconds',
    'Age of the oldest payment whose outcome is not known or not carried out',
    ({ oldest_ms }) => oldest_ms / 1000,
  )

  function gauge(name: string, help: string, shownOf: (open: OpenPayments) => number) {
    new Gauge({
      name,
      help,
      labelNames: ['status'],
      registers: [registry],
      async collect() {
        const found = await open().catch(() => undefined)
        if (!found) return
        for (const status of ['CHARGING', 'REFUNDING']) {
          const one = found.find((each) => each.status === status)
          this.set({ status }, one ? shownOf(one) : 0)
        }
      },
    })
  }
}

/** The provider, with its calls counted and timed. `unknown` is a call without a certain answer. */
export function measured(provider: PaymentProvider, registry: Registry): PaymentProvider {
  const labelNames = ['call', 'outcome']
  const calls = new Counter({
    name: 'payment_provider_calls_total',
    help: 'Calls to the provider',
    labelNames,
    registers: [registry],
  })
  const seconds = new Histogram({
    name: 'payment_provider_seconds',
    help: 'Time a call to the provider took',
    labelNames: ['call'],
    buckets: [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10],
    registers: [registry],
  })
  async function measure<T>(call: string, work: Promise<T>, outcomeOf: (answer: T) => string): Promise<T> {
    const end = seconds.startTimer({ call })
    try {
      const answer = await work
      calls.inc({ call, outcome: outcomeOf(answer) })
      return answer
    } catch (error) {
      calls.inc({ call, outcome: 'unknown' })
      throw error
    } finally {
      end()
    }
  }
  return {
    name: provider.name,
    charge: (request, signal) => measure('charge', provider.charge(request, signal), ({ outcome }) => outcome),
    refund: (request, signal) => measure('refund', provider.refund(request, signal), () => 'refunded'),
    close: () => provider.close(),
  }
}

/** Counts answers that were sent again because ordering's word was missing. */
export function countResends(registry: Registry): Counter {
  return new Counter({
    name: 'payment_answers_resent_total',
    help: 'Captured payments told again as the outcome of their order was not seen',
    registers: [registry],
  })
}
