import { fileURLToPath } from 'node:url'
import type { Command } from 'commander'
import { meanLocalShop } from './local-shop.ts'

/** `eshop schema …`: the checker, told our map, and registration by the codec with the levels of the checker's config. */
export async function schemaCommand(): Promise<Command> {
  await meanLocalShop()
  const { topics } = await import('#pipelines/flow/map.ts')
  const { schemaCommands } = await import('#schemas/check/commands.ts')
  const { schemaRegisterCommand } = await import('#schemas/codec/commands.ts')
  const { levelsOf } = await import('#schemas/check/registry-levels.ts')
  const levelOf = levelsOf(fileURLToPath(new URL('../schemas/schema-check.json', import.meta.url)))
  return schemaCommands({ map: { topics } }).addCommand(schemaRegisterCommand(undefined, levelOf))
}
