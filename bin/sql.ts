import type { Command } from 'commander'
import { meanLocalShop } from './local-shop.ts'

/** `eshop sql`, by default on the local shop's ClickHouse. */
export async function localSqlCommand(): Promise<Command> {
  await meanLocalShop()
  return (await import('#analytics/commands.ts')).sqlCommand()
}
