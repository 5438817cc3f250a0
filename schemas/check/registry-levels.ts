import type { RegistryClient } from './against/registry-client.ts'
import type { Mode } from './compat/modes.ts'

/** The compatibility level that a registry has to have for a subject. */
export interface RegistryLevel {
  readonly subject: string
  readonly level: Mode
}

/** The registry's levels as the config has them: the modes of both have the same names and the same meaning. */
export function registryLevels(
  subjects: readonly { readonly name: string; readonly mode: Mode }[],
): readonly RegistryLevel[] {
  return subjects.map(({ name, mode }) => ({ subject: name, level: mode }))
}

/** Sets the levels, one call for each subject, so that the registry refuses what the check would have found. */
export async function setRegistryLevels(
  client: Pick<RegistryClient, 'setLevel'>,
  levels: readonly RegistryLevel[],
): Promise<void> {
  for (const { subject, level } of levels) await client.setLevel(subject, level)
}
