import type { Command } from 'commander'
import { meanLocalShop } from './local-shop.ts'

/** `eshop analytics`, by default on the local shop. */
export async function localAnalyticsCommand(): Promise<Command> {
  await meanLocalShop()
  return (await import('#analytics/commands.ts')).analyticsCommand()
}
