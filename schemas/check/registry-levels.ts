import { dirname } from 'node:path'
import type { RegistryClient } from './against/registry-client.ts'
import { Source } from './avro/source.ts'
import { settingsOf } from './check.ts'
import type { Mode } from './compat/modes.ts'
import { loadConfig } from './config.ts'

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

/** The level of each subject by a config file, for programs that register themselves. A file's path is relative to the config. */
export function levelsOf(configFile: string): (subject: string, file: string) => Mode {
  const folder = dirname(configFile)
  const loaded = loadConfig(configFile, [], folder)
  return (name, file) => settingsOf(loaded, { name, source: new Source(file, '') }).mode
}
