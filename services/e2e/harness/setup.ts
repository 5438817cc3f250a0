import type { TestProject } from 'vitest/node'
import type { Endpoints } from '../rest/endpoints.ts'
import { startLocalShop } from './local-shop.ts'

declare module 'vitest' {
  export interface ProvidedContext {
    shop: { readonly endpoints: Endpoints; readonly env: Readonly<Record<string, string>>; readonly home: string }
  }
}

/** Vitest's global setup of the end-to-end tests: one shop for the run. Tests keep apart by customers and products of their own. */
export async function setup(project: TestProject): Promise<() => Promise<void>> {
  const shop = await startLocalShop({ env: { GRACE_PERIOD_MS: '3000', GRACE_INTERVAL_MS: '1000' } })
  project.provide('shop', { endpoints: shop.endpoints, env: shop.env, home: shop.home })
  return shop.close
}
