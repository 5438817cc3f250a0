import { randomBytes } from 'node:crypto'
import { Admin } from '@platformatic/kafka'
import type { StackAddresses } from '#pipelines/testing/start-stack.ts'
import { httpRegistry } from '#schemas/codec/http-registry.ts'
import type { EventType } from '#schemas/generated/events.ts'
import { snakeCase } from '../../tables/avro.ts'
import type { RawProducer } from './raw-producer.ts'
import { type Sent, sendWorkload } from './send.ts'
import { type Model, makeModels } from './workload.ts'

const MODELS = 2_000
export const PARTITIONS = 4

/** A workload that lies in topics of its own. */
export interface Laid {
  readonly prefix: string
  readonly types: readonly EventType[]
  readonly topicOf: (type: EventType) => string
  readonly models: readonly Model[]
  readonly orders: number
  readonly sent: Sent
}

/** Makes topics under a name of their own and fills them. Says what it sent. */
export async function layWorkload(
  stack: StackAddresses,
  producer: RawProducer,
  { orders, spread }: { readonly orders: number; readonly spread: number },
): Promise<Laid> {
  const prefix = `bench-${randomBytes(3).toString('hex')}`
  const topicOf = (type: EventType) => `${prefix}-${snakeCase(type).replaceAll('_', '-')}`
  const models = await makeModels(httpRegistry({ registryUrl: stack.registryUrl }), prefix, MODELS, 7)
  const types = [...new Set(models.flatMap(({ events }) => events.map(({ type }) => type)))]
  const admin = new Admin({ clientId: 'bench', bootstrapBrokers: [stack.kafkaBrokers] })
  await admin.createTopics({ topics: types.map(topicOf), partitions: PARTITIONS, replicas: 1 })
  await admin.close()
  const began = Date.now()
  const sent = await sendWorkload({ producer, models, orders, topicOf, partitions: PARTITIONS, spread, seed: 11 })
  console.log(
    `${sent.records} records of ${orders} orders in ${((Date.now() - began) / 1000).toFixed(1)} s: ${(sent.valueBytes / sent.records).toFixed(0)} B of value, ${(sent.bytes / sent.records).toFixed(0)} B with key and headers; ${types.length} topics of ${PARTITIONS} partitions, ${sent.poison} poisoned; ${spread === 0 ? 'clustered' : `spread over ${spread} orders a step`}`,
  )
  return { prefix, types, topicOf, models, orders, sent }
}
