import type { Outside } from '#pipelines/http/outside.ts'
import { createPublisher } from '#pipelines/http/publisher.ts'
import { type HttpPlace, type Service, service } from '#pipelines/http/service.ts'
import { MINUTE } from '#pipelines/kernel/clock.ts'
import type { CatalogConfig } from './config.ts'
import { catalogHandlers } from './handlers.ts'
import { resendAnswers } from './loops.ts'
import { countResends, watchStock } from './metrics.ts'
import { catalogMigrations } from './migrations.ts'
import { browseRoutes } from './routes/browse.ts'
import { editRoutes } from './routes/edit.ts'
import { stockRoutes } from './routes/stock.ts'

export type CatalogSettings = Pick<CatalogConfig, 'reservationResendMs'>

/** Products, prices and stock; reserves what orders ask for. */
export function createCatalog(
  outside: Outside,
  http: HttpPlace,
  { reservationResendMs }: CatalogSettings = { reservationResendMs: 2 * MINUTE },
): Service {
  const publisher = createPublisher('catalog', outside)
  const { database, metrics } = outside
  watchStock(database, metrics)
  return service('catalog', {
    outside,
    publisher,
    http,
    migrations: catalogMigrations,
    routes: [browseRoutes(database), editRoutes(database, publisher), stockRoutes(database, publisher)],
    handles: catalogHandlers(),
    loops: [resendAnswers({ publisher, resendAfterMs: reservationResendMs, resent: countResends(metrics) })],
  })
}
