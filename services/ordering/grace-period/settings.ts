import { UsageError } from '#pipelines/kernel/errors.ts'

export interface GraceSettings {
  /** Ordering's database. */
  readonly databaseUrl: string
  readonly registryUrl: string
}

/**
 * Reads the task's settings. By hand: the schema library that checks those of services takes longer to load than an idle run takes.
 * @throws UsageError `CONFIG_INVALID` naming every one that is missing
 */
export function readGraceSettings(environment: NodeJS.ProcessEnv): GraceSettings {
  const { ORDERING_DATABASE_URL: databaseUrl, REGISTRY_URL: registryUrl } = environment
  if (databaseUrl && registryUrl) return { databaseUrl, registryUrl }
  const missing = [
    databaseUrl ? [] : ["ORDERING_DATABASE_URL is required (PostgreSQL URL of ordering's database)"],
    registryUrl ? [] : ['REGISTRY_URL is required (base URL of the schema registry, up to /apis/ccompat/v7)'],
  ]
  throw new UsageError('CONFIG_INVALID', `bad configuration:\n  ${missing.flat().join('\n  ')}`)
}
