import type { Command } from 'commander'
import { meanLocalShop } from './local-shop.ts'

/** `eshop schema …`: the checker, told our map, and registration by the codec. */
export async function schemaCommand(): Promise<Command> {
  await meanLocalShop()
  const { topics } = await import('#pipelines/flow/map.ts')
  const { schemaCommands } = await import('#schemas/check/commands.ts')
  const { schemaRegisterCommand } = await import('#schemas/codec/commands.ts')
  return schemaCommands({ map: { topics } }).addCommand(schemaRegisterCommand())
}
