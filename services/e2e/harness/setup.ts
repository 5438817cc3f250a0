import type { TestProject } from 'vitest/node'
import type { Endpoints } from '../rest/endpoints.ts'
import { runningShop, startLocalShop } from './local-shop.ts'

declare module 'vitest' {
  export interface ProvidedContext {
    shop: {
      readonly endpoints: Endpoints
      /** The environment under which every `eshop` command means this shop. */
      readonly env: Readonly<Record<string, string>>
      readonly home: string
    }
  }
}

/**
 * Vitest's global setup of the end-to-end tests: one shop for the run. Tests keep apart by customers and products of their own.
 * `E2E_SHOP=running` takes the shop that this environment means instead, for writing tests without waiting for a start.
 */
export async function setup(project: TestProject): Promise<(() => Promise<void>) | undefined> {
  if (process.env.E2E_SHOP === 'running') {
    const { endpoints, env, home } = runningShop()
    project.provide('shop', { endpoints, env, home })
    return undefined
  }
  const shop = await startLocalShop({ env: { GRACE_PERIOD_MS: '3000', GRACE_INTERVAL_MS: '1000' } })
  project.provide('shop', { endpoints: shop.endpoints, env: shop.env, home: shop.home })
  return shop.close
}
