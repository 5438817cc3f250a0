import type { Command } from 'commander'
import { meanLocalShop } from './local-shop.ts'

/** `eshop schema …`: registration by the codec. */
export async function schemaCommand(): Promise<Command> {
  await meanLocalShop()
  const { Command } = await import('commander')
  const { schemaRegisterCommand } = await import('#schemas/codec/commands.ts')
  return new Command('schema').description('the schemas of the events').addCommand(schemaRegisterCommand())
}
