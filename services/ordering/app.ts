import { join } from 'node:path'
import type { Outside } from '#pipelines/http/outside.ts'
import { createPublisher } from '#pipelines/http/publisher.ts'
import { type HttpPlace, type Service, service } from '#pipelines/http/service.ts'
import type { OrderingConfig } from './config.ts'
import { orderHandlers } from './handlers.ts'
import { watchOpenOrders } from './metrics.ts'
import { moveOrderRoutes } from './routes/move-order.ts'
import { readOrderRoutes } from './routes/read-orders.ts'

export type OrderingSettings = Pick<OrderingConfig, 'gracePeriodMs'>

/** Ordering, wired. Its relay also sends what the grace-period task writes into ordering's outbox. */
export function createOrdering(outside: Outside, { gracePeriodMs }: OrderingSettings, http: HttpPlace): Service {
  const publisher = createPublisher('ordering', outside)
  watchOpenOrders(outside.database, outside.metrics)
  return service('ordering', {
    outside,
    http,
    publisher,
    migrations: [orderingMigrations],
    handles: orderHandlers({ graceMs: gracePeriodMs }),
    routes: [readOrderRoutes(outside.database), moveOrderRoutes(publisher)],
  })
}

export const orderingMigrations = join(import.meta.dirname, 'migrations')
