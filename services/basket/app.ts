import type { Outside } from '#pipelines/http/outside.ts'
import { type Problem, unprocessable } from '#pipelines/http/problems.ts'
import { createPublisher } from '#pipelines/http/publisher.ts'
import { type HttpPlace, type Service, service } from '#pipelines/http/service.ts'
import { CodedError } from '#pipelines/kernel/errors.ts'
import type { Catalog } from './catalog/catalog.ts'
import type { BasketConfig } from './config.ts'
import { basketHandlers } from './handlers.ts'
import { expireBaskets, resendCheckouts } from './loops.ts'
import { watchWaitingCheckouts } from './metrics.ts'
import { basketMigrations } from './migrations.ts'
import { basketRoutes } from './routes/basket.ts'
import { checkoutRoutes } from './routes/checkouts.ts'

export interface BasketOutside extends Outside {
  /** Where prices come from. */
  readonly catalog: Catalog
}

export type BasketSettings = Pick<
  BasketConfig,
  'orderingUrl' | 'basketMaxLines' | 'basketMaxQuantity' | 'basketTtlMs' | 'checkoutResendMs'
>

/** Basket, wired. */
export function createBasket(outside: BasketOutside, settings: BasketSettings, http: HttpPlace): Service {
  const { database, catalog, metrics } = outside
  const { orderingUrl, basketTtlMs, checkoutResendMs: resendAfterMs } = settings
  const limits = { maxLines: settings.basketMaxLines, maxQuantity: settings.basketMaxQuantity }
  const publisher = createPublisher('basket', outside)
  watchWaitingCheckouts(database, metrics)
  return service('basket', {
    outside,
    http,
    publisher,
    migrations: basketMigrations,
    routes: [
      basketRoutes({ database, catalog, limits, basketTtlMs }),
      checkoutRoutes({ database, publisher, orderingUrl, resendAfterMs }),
    ],
    handles: basketHandlers(),
    problemOf: tooLargeToSend,
    loops: [resendCheckouts({ publisher, resendAfterMs }), expireBaskets(database)],
  })
}

/** A thousand lines with the longest names would not fit a record: that is the customer's to split, not an error of ours. */
function tooLargeToSend(error: unknown): Problem | undefined {
  if (!(error instanceof CodedError) || error.code !== 'EVENT_TOO_LARGE') return undefined
  return unprocessable('BASKET_TOO_LARGE', 'this basket is too large for one order: take some lines out')
}
