import { createOutbox } from '#pipelines/outbox/outbox.ts'
import type { Outbox } from '#pipelines/outbox/types.ts'
import { createCodec } from '#schemas/codec/codec.ts'
import { plainFetch } from './plain-fetch.ts'

/**
 * The outbox under the name of this part. Its rows stand in ordering's table and are sent by ordering's relay.
 * @throws SchemasNotRegistered, RegistryUnavailable
 */
export async function openGraceOutbox(registryUrl: string): Promise<Outbox<'grace-period'>> {
  const codec = createCodec({ registryUrl, fetch: plainFetch })
  await codec.prepare(['GracePeriodConfirmed'])
  return createOutbox('grace-period', codec)
}
