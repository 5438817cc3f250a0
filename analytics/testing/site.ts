import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { Registry } from 'prom-client'
import { inject } from 'vitest'
import { systemClock } from '#pipelines/kernel/clock.ts'
import { type Closable, closer } from '#pipelines/kernel/lifecycle.ts'
import { silentLog } from '#pipelines/kernel/log.ts'
import { home } from '#pipelines/local/paths.ts'
import type { TestIssuer } from '#pipelines/testing/tokens.ts'
import { httpRegistry } from '#schemas/codec/http-registry.ts'
import type { Rule } from '../alerts/rule.ts'
import { type Analytics, createAnalytics } from '../app.ts'
import { fetchSource } from '../ingest/fetch/fetch-source.ts'
import { topicIdentity } from '../ingest/topic-ids.ts'
import { openAnalyst, openReader, openStore, openUpkeep } from '../store.ts'
import type { Harness } from './harness.ts'

/** Analytics with its dashboards, listening, for the topics and databases of one test. */
export interface Site extends Closable {
  readonly url: string
  readonly analytics: Analytics
}

export async function startSite(
  shop: Harness,
  issuer: TestIssuer,
  panelFolder: string,
  rules: readonly Rule[] = [],
): Promise<Site> {
  const open = closer()
  const tokens = createServer(async (_request, response) => {
    const access_token = await issuer.token({ sub: 'local-analyst', roles: ['analyst'] })
    response
      .writeHead(200, { 'content-type': 'application/json' })
      .end(JSON.stringify({ access_token, expires_in: 600 }))
  })
  await new Promise<void>((resolve) => tokens.listen(0, '127.0.0.1', resolve))
  open.add({ close: () => new Promise<void>((resolve) => tokens.close(() => resolve())) })
  const topics = Object.values(shop.topics)
  const address = {
    clickhouseUrl: shop.clickhouseUrl,
    clickhouseUser: 'default',
    clickhousePassword: '',
    clickhouseAnalystUser: 'analyst',
    clickhouseAnalystPassword: '',
    clickhouseDatabase: shop.databases.published,
  }
  const analytics = await createAnalytics(
    {
      store: open.add(openStore({ ...address, clickhouseUser: 'ingest' })),
      upkeep: open.add(openUpkeep({ ...address, clickhouseUser: 'ingest' })),
      reader: open.add(openReader({ ...address, clickhouseUser: 'ingest' })),
      analyst: open.add(openAnalyst(address)),
      source: fetchSource({ connection: { brokers: shop.brokers }, groupId: shop.group, topics, log: silentLog }),
      identity: () => topicIdentity({ brokers: shop.brokers }, topics),
      schemas: httpRegistry({ registryUrl: inject('registryUrl') }),
      auth: issuer.auth,
      clock: systemClock,
      log: silentLog,
      metrics: new Registry(),
    },
    {
      topics,
      databases: shop.databases,
      panelFolders: [panelFolder],
      alerts: { rules, webhook: '', calling: { allowPrivate: false } },
      page: {
        cacheFolder: join(home, 'page'),
        localSignInUrl: `http://127.0.0.1:${(tokens.address() as AddressInfo).port}/token`,
      },
    },
  )
  open.add(analytics)
  const url = await analytics.http.listen({ host: '127.0.0.1', port: 0 })
  await analytics.ingest()
  await fetch(url) // the first one waits until the page is bundled
  return { url, analytics, close: () => open.close() }
}
