import { existsSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { UsageError } from '#pipelines/kernel/errors.ts'
import { home } from '#pipelines/local/paths.ts'
import type { RdkafkaModule } from './client.ts'

/** The version that is tried. It holds librdkafka 2.12. */
export const VERSION = '3.6.1'

/**
 * Where `install.ts` puts it: beside the other packages, not among them, as it compiles for minutes and is bound to one Node's ABI. Nobody waits
 * for it at `npm start` or `npm test` who did not ask for it.
 */
export const FOLDER = join(home, 'rdkafka', `${VERSION}-abi${process.versions.modules}`)

/** Whether `KAFKA_SOURCE=rdkafka` can be used here. */
export function rdkafkaInstalled(): boolean {
  return resolved() !== undefined
}

/** @throws UsageError `RDKAFKA_NOT_INSTALLED` */
export function loadRdkafka(): RdkafkaModule {
  const path = resolved()
  if (path === undefined)
    throw new UsageError(
      'RDKAFKA_NOT_INSTALLED',
      'the source rdkafka needs the package node-rdkafka, which is compiled on this machine: node bin/launcher/run.js analytics/ingest/rdkafka/install.ts (a C++ compiler, make and the headers of OpenSSL; about two minutes)',
    )
  return createRequire(import.meta.url)(path) as RdkafkaModule
}

/** One that was installed as a package of the project comes first. */
function resolved(): string | undefined {
  for (const from of [import.meta.filename, join(FOLDER, 'package.json')]) {
    try {
      const path = createRequire(from).resolve('node-rdkafka')
      if (existsSync(path)) return path
    } catch {
      // not there
    }
  }
  return undefined
}
