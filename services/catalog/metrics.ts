import { Counter, Gauge, type Registry } from 'prom-client'
import type { Sql } from '#pipelines/kernel/database.ts'
import { sharedRead } from '#pipelines/kernel/shared-read.ts'
import { readSituation, type Situation } from './store/situation.ts'

/** What an operator of the catalog looks at. Read when asked for; unchanged while the database is away. */
export function watchStock(database: Sql, registry: Registry): void {
  const read = sharedRead(() => readSituation(database))
  gauge('catalog_reservations_held', 'Orders whose units are reserved and not paid', ({ held }) => held)
  gauge(
    'catalog_oldest_reservation_seconds',
    'Age of the oldest reservation that is neither sold nor given back; 0 if none is',
    ({ oldestSeconds }) => oldestSeconds,
  )
  gauge('catalog_products_sold_out', 'Products for sale without an available unit', ({ soldOut }) => soldOut)

  function gauge(name: string, help: string, pick: (situation: Situation) => number) {
    new Gauge({
      name,
      help,
      registers: [registry],
      async collect() {
        const situation = await read().catch(() => undefined)
        if (situation) this.set(pick(situation))
      },
    })
  }
}

/** Counts answers that were sent again for reservations held too long. */
export function countResends(registry: Registry): Counter {
  return new Counter({
    name: 'catalog_answers_resent_total',
    help: 'Answers sent again as a reservation was held for too long without a word of ordering',
    registers: [registry],
  })
}
