import { join } from 'node:path'
import type { Outside } from '#pipelines/http/outside.ts'
import { createPublisher } from '#pipelines/http/publisher.ts'
import { type HttpPlace, type Service, service } from '#pipelines/http/service.ts'
import type { OrderingConfig } from './config.ts'
import { orderHandlers } from './handlers.ts'
import { watchOpenOrders } from './metrics.ts'
import { reconcilerMetrics } from './reconciler/metrics.ts'
import { createReconciler } from './reconciler/reconciler.ts'
import type { ReconcilerSettings } from './reconciler/settings.ts'
import { moveOrderRoutes } from './routes/move-order.ts'
import { readOrderRoutes } from './routes/read-orders.ts'
import { stuckOrderRoutes } from './routes/stuck-orders.ts'

export type OrderingSettings = Pick<OrderingConfig, 'gracePeriodMs'> & ReconcilerSettings

/** Ordering, wired. Its relay also sends what the grace-period task writes into ordering's outbox. */
export function createOrdering(outside: Outside, settings: OrderingSettings, http: HttpPlace): Service {
  const { database, binder, log } = outside
  const publisher = createPublisher('ordering', outside)
  const metrics = reconcilerMetrics(outside.metrics)
  const reconciler = createReconciler({ database, binder, publisher, settings, metrics, log })
  watchOpenOrders(database, outside.metrics)
  return service('ordering', {
    outside,
    http,
    publisher,
    migrations: [orderingMigrations],
    handles: orderHandlers({ graceMs: settings.gracePeriodMs }),
    routes: [
      readOrderRoutes(database),
      moveOrderRoutes(publisher),
      stuckOrderRoutes({ database, publisher, settings, metrics, judge: reconciler.judge }),
    ],
    loops: [reconciler],
  })
}

export const orderingMigrations = join(import.meta.dirname, 'migrations')
