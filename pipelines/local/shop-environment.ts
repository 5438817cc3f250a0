import { postgresUrl } from './parts/postgres.ts'
import { registryUrl } from './parts/registry.ts'
import { LOOPBACK } from './paths.ts'
import { type LocalSettings, urlOf } from './settings.ts'

/** What each process of the local shop is told through its environment. */
export function environmentOf(settings: LocalSettings) {
  const { ports, gracePeriodMs } = settings
  const database = (name: string) => postgresUrl(ports.postgres, name)
  const GRACE_PERIOD_MS = String(gracePeriodMs)
  const common = {
    KAFKA_BROKERS: `${LOOPBACK}:${ports.kafka}`,
    REGISTRY_URL: registryUrl(ports.registry),
    ISSUER: urlOf(settings, 'identity'),
    AUDIENCE: 'eshop',
  }
  return {
    common,
    of: {
      basket: {
        DATABASE_URL: database('basket'),
        CATALOG_URL: urlOf(settings, 'catalog'),
        ORDERING_URL: urlOf(settings, 'ordering'),
      },
      catalog: { DATABASE_URL: database('catalog') },
      ordering: { DATABASE_URL: database('ordering'), GRACE_PERIOD_MS },
      payment: { DATABASE_URL: database('payment'), PAYMENT_PROVIDER: 'simulated' },
    },
    /** Of the scheduler, and so of the tasks that it starts. */
    tasks: {
      ORDERING_DATABASE_URL: database('ordering'),
      TASKS_DATABASE_URL: database('tasks'),
    },
    analytics: {
      CLICKHOUSE_URL: urlOf(settings, 'clickhouse'),
      CLICKHOUSE_USER: 'ingest',
      LOCAL_SIGN_IN_URL: `${urlOf(settings, 'identity')}/token`,
    },
  }
}
