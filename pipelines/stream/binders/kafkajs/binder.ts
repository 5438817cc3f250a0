import { closer } from '#pipelines/kernel/lifecycle.ts'
import { openSubscriptions } from '../open-subscriptions.ts'
import type { Binder } from '../types.ts'
import { brokerAdmin } from './admin.ts'
import { type KafkaConnection, kafkaClient } from './connection.ts'
import { recordProducer } from './producer.ts'
import { kafkaSubscription } from './subscription.ts'

/** Kafka through kafkajs. Nothing connects before it is used. `close` ends the subscriptions too. */
export function kafkajsBinder(connection: KafkaConnection): Binder {
  const { log } = connection
  const kafka = kafkaClient(connection)
  const parts = closer()
  const producer = parts.add(recordProducer(kafka, log))
  const admin = parts.add(brokerAdmin(kafka))
  const subscriptions = parts.add(openSubscriptions())
  return {
    name: 'kafkajs',
    produce: producer.produce,
    subscribe: (options) => subscriptions.add(kafkaSubscription(kafka, options, log)),
    lag: admin.lag,
    provision: admin.provision,
    describe: admin.describe,
    close: parts.close,
  }
}
