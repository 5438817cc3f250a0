import { Gauge, type Registry } from 'prom-client'
import type { Sql } from '#pipelines/kernel/database.ts'
import { sharedRead } from '#pipelines/kernel/shared-read.ts'
import { OPEN_STATUSES, type OpenOrders, openOrders } from './store/open-orders.ts'

/** Shows how many orders wait in which status, and how long the one that waits longest. Read when asked for; unchanged while the database is away. */
export function watchOpenOrders(database: Sql, registry: Registry): void {
  const read = sharedRead(() => openOrders(database))
  gauge('ordering_open', 'Orders that are neither paid nor cancelled', ({ orders }) => orders)
  gauge(
    'ordering_open_oldest_seconds',
    'How long the order that waits longest has been in this status',
    ({ oldestSeconds }) => oldestSeconds,
  )

  function gauge(name: string, help: string, shownOf: (open: OpenOrders) => number) {
    new Gauge({
      name,
      help,
      labelNames: ['status'],
      registers: [registry],
      async collect() {
        const open = await read().catch(() => undefined)
        if (!open) return
        for (const status of OPEN_STATUSES) {
          const found = open.find((each) => each.status === status)
          this.set({ status }, found ? shownOf(found) : 0)
        }
      },
    })
  }
}
