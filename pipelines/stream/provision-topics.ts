import { type Log, silentLog } from '#pipelines/kernel/log.ts'
import { kafkajsBinder } from './binders/kafkajs/binder.ts'
import type { KafkaConnection } from './binders/kafkajs/connection.ts'
import { topicSpecs, verifyTopics } from './topics.ts'

export type ProvisionOptions = Pick<KafkaConnection, 'brokers' | 'ssl' | 'sasl'> & { readonly log?: Log }

/**
 * Makes the topics of the map that do not exist yet and checks all of them. Says in one line what was done. May be repeated.
 * @throws TopicsDiffer when an existing topic is not as the map says, Unavailable `BROKER_AWAY`
 */
export async function provisionTopics({ log = silentLog, ...connection }: ProvisionOptions): Promise<string> {
  const binder = kafkajsBinder({ ...connection, clientId: 'eshop-provision', log })
  try {
    const specs = topicSpecs()
    const made = await binder.provision(specs)
    await verifyTopics(binder, specs)
    return `${specs.length} topics, ${made.length} new`
  } finally {
    await binder.close()
  }
}
