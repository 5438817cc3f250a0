import { Gauge, type Registry } from 'prom-client'
import type { Sql } from '#pipelines/kernel/database.ts'
import { waitingCheckouts } from './store/checkouts.ts'

/** Shows checkouts that ordering has not taken over yet. Read when asked for; unchanged while the database is away. */
export function watchWaitingCheckouts(database: Sql, registry: Registry): void {
  const age = new Gauge({
    name: 'basket_checkouts_waiting_oldest_seconds',
    help: 'Age of the oldest checkout without OrderStarted',
    registers: [registry],
  })
  new Gauge({
    name: 'basket_checkouts_waiting',
    help: 'Checkouts without OrderStarted',
    registers: [registry],
    async collect() {
      const waiting = await waitingCheckouts(database).catch(() => undefined)
      if (!waiting) return
      this.set(waiting.checkouts)
      age.set(waiting.oldestMs / 1000)
    },
  })
}
