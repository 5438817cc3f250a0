import type { Outside } from '#pipelines/http/outside.ts'
import { createPublisher } from '#pipelines/http/publisher.ts'
import { type HttpPlace, type Service, service } from '#pipelines/http/service.ts'
import { createCharger } from './charger.ts'
import type { PaymentConfig } from './config.ts'
import { paymentHandlers } from './handlers.ts'
import { resendAnswers } from './loops.ts'
import { countResends, measured, watchOpenPayments } from './metrics.ts'
import { paymentMigrations } from './migrations.ts'
import type { PaymentProvider } from './provider/provider.ts'
import { paymentRoutes } from './routes.ts'

export interface PaymentOutside extends Outside {
  /** Whoever moves the money. Closed with the service. */
  readonly provider: PaymentProvider
}

export type PaymentSettings = Pick<
  PaymentConfig,
  'chargeConcurrency' | 'providerTimeoutMs' | 'chargeRetryMs' | 'answerResendMs'
>

/** Payment, wired: handlers write down what is to be done, the charger does it. */
export function createPayment(outside: PaymentOutside, settings: PaymentSettings, http: HttpPlace): Service {
  const { database, metrics, log } = outside
  const publisher = createPublisher('payment', outside)
  const provider = measured(outside.provider, metrics)
  const charger = createCharger({
    database,
    publisher,
    provider,
    log,
    concurrency: settings.chargeConcurrency,
    timeoutMs: settings.providerTimeoutMs,
    retryMs: settings.chargeRetryMs,
  })
  watchOpenPayments(database, metrics)
  const running = service('payment', {
    outside,
    http,
    publisher,
    migrations: paymentMigrations,
    routes: [paymentRoutes(database)],
    handles: paymentHandlers(charger.loop),
    loops: [
      charger.loop,
      resendAnswers({ publisher, resendAfterMs: settings.answerResendMs, resent: countResends(metrics) }),
    ],
  })
  return {
    start: () => running.start(),
    async close() {
      // Calls under way are finished while their answers can still be written down.
      await charger.close()
      await running.close()
      await provider.close()
    },
  }
}
