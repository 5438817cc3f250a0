import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { root } from '#pipelines/local/paths.ts'
import type { StackAddresses } from './start-stack.ts'

const registerProgram = join(root, 'schemas/codec/register.ts')

/** Registers our schemas, as `eshop schema register` does in a shop. Doing it again changes nothing. */
export async function prepareStack({ registryUrl }: StackAddresses): Promise<void> {
  if (!existsSync(registerProgram)) return
  const { registerAll } = (await import(registerProgram)) as {
    registerAll(o: { registryUrl: string }): Promise<unknown>
  }
  await registerAll({ registryUrl })
}
