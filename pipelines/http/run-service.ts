import type { Static, TObject } from 'typebox'
import type { Part } from '#pipelines/flow/map.ts'
import { readConfig } from '#pipelines/kernel/config.ts'
import { UsageError } from '#pipelines/kernel/errors.ts'
import { closer, runUntilSignal } from '#pipelines/kernel/lifecycle.ts'
import { openOutside } from './open-outside.ts'
import type { Outside } from './outside.ts'
import type { HttpPlace, Service } from './service.ts'
import type { ServiceConfig } from './service-config.ts'

const EXIT_USAGE = 2

/**
 * The main program of a service: reads its configuration from the environment, opens what is outside, starts the service, and closes
 * all of it on a signal. Exits with 2 when the configuration is wrong, with 1 when the start fails.
 */
export async function runService<S extends TObject>(
  part: Part,
  schema: S,
  create: (outside: Outside, config: Static<S>, http: HttpPlace) => Service,
): Promise<void> {
  const config = read(schema)
  const common = config as unknown as ServiceConfig
  const outside = openOutside(part, common)
  const parts = closer()
  runUntilSignal(parts, { log: outside.log })
  parts.add(outside)
  const { host, port, drainMs, deadLetterKeepMs, requestsPerMinute } = common
  const place = { host, port, drainMs, deadLetterKeepMs, limits: { perSubject: requestsPerMinute } }
  const service = parts.add(create(outside, config, place))
  await service.start()
}

function read<S extends TObject>(schema: S): Static<S> {
  try {
    return readConfig(schema)
  } catch (error) {
    if (!(error instanceof UsageError)) throw error
    process.stderr.write(`${error.message}\n`)
    process.exit(EXIT_USAGE)
  }
}
