import { Gauge, type Registry } from 'prom-client'
import type { Sql } from '#pipelines/kernel/database.ts'
import { sharedRead } from '#pipelines/kernel/shared-read.ts'
import { waitingCheckouts } from './store/checkouts.ts'

/** Shows checkouts that ordering has not taken over yet. Read when asked for; unchanged while the database is away. */
export function watchWaitingCheckouts(database: Sql, registry: Registry): void {
  const waiting = sharedRead(() => waitingCheckouts(database))
  new Gauge({
    name: 'basket_checkouts_waiting',
    help: 'Checkouts without OrderStarted',
    registers: [registry],
    async collect() {
      const now = await waiting().catch(() => undefined)
      if (now) this.set(now.checkouts)
    },
  })
  new Gauge({
    name: 'basket_checkouts_waiting_oldest_seconds',
    help: 'Age of the oldest checkout without OrderStarted',
    registers: [registry],
    async collect() {
      const now = await waiting().catch(() => undefined)
      if (now) this.set(now.oldestMs / 1000)
    },
  })
}
