import type { StackAddresses } from './start-stack.ts'

/** Registers our schemas, as `eshop schema register` does in a shop. Doing it again changes nothing. */
export async function prepareStack({ registryUrl }: StackAddresses): Promise<void> {
  const { registerAll } = await import('#schemas/codec/register.ts')
  await registerAll({ registryUrl })
}
