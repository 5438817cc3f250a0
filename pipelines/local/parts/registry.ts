import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { CodedError } from '#pipelines/kernel/errors.ts'
import { javaParts } from '../downloads/java-parts.ts'
import { LOOPBACK } from '../paths.ts'
import type { Launch } from '../process/launch.ts'
import { answersOk } from '../process/probes.ts'
import { javaCommand, jvmFlags } from './java.ts'

export interface RegistryOptions {
  readonly port: number
  /** URL of its own database in PostgreSQL, which must exist. */
  readonly databaseUrl: string
  readonly logFile: string
}

/** The Confluent-compatible API of a local registry: what every client of ours is given. */
export function registryUrl(port: number): string {
  return `http://${LOOPBACK}:${port}/apis/ccompat/v7`
}

/** Apicurio Registry with its schemas in PostgreSQL. New versions must be FULL_TRANSITIVE compatible unless a subject says otherwise. */
export async function registryLaunch({ port, databaseUrl, logFile }: RegistryOptions): Promise<Launch> {
  const { registry } = await javaParts()
  const runner = (await readdir(registry)).find((name) => name.endsWith('-runner.jar'))
  if (!runner) throw new CodedError('REGISTRY_MISSING', `no runner jar in ${registry}: delete it and start again`)
  const database = new URL(databaseUrl)
  return {
    name: 'registry',
    command: javaCommand(),
    args: [...jvmFlags(256), '-Dquarkus.http.access-log.enabled=false', '-jar', join(registry, runner)],
    env: {
      QUARKUS_HTTP_HOST: LOOPBACK,
      QUARKUS_HTTP_PORT: String(port),
      APICURIO_STORAGE_SQL_KIND: 'postgresql',
      APICURIO_DATASOURCE_URL: `jdbc:postgresql://${database.host}${database.pathname}`,
      APICURIO_DATASOURCE_USERNAME: decodeURIComponent(database.username),
      APICURIO_DATASOURCE_PASSWORD: decodeURIComponent(database.password),
      APICURIO_DATASOURCE_JDBC_INITIAL_SIZE: '2',
      APICURIO_DATASOURCE_JDBC_MIN_SIZE: '2',
      APICURIO_DATASOURCE_JDBC_MAX_SIZE: '8',
      APICURIO_CCOMPAT_MAX_SUBJECTS: '100000',
    },
    address: registryUrl(port),
    logFile,
    ready: () => compatibilityIsSet(registryUrl(port)),
  }
}

/** Ready means: answers, and holds the compatibility level that every schema of ours relies on. */
async function compatibilityIsSet(url: string): Promise<boolean> {
  if (!(await answersOk(`${url}/subjects`))) return false
  try {
    const response = await fetch(`${url}/config`, {
      method: 'PUT',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ compatibility: 'FULL_TRANSITIVE' }),
      signal: AbortSignal.timeout(5_000),
    })
    return response.ok
  } catch {
    return false
  }
}
