import kafkajs, { type Admin, type Kafka } from 'kafkajs'
import type { Closable } from '#pipelines/kernel/lifecycle.ts'
import type { Binder, PartitionLag, TopicDescription } from '../types.ts'
import { asCoded } from './errors.ts'

export type BrokerAdmin = Pick<Binder, 'lag' | 'provision' | 'describe'> & Closable

/** Questions and orders to the broker on a connection of their own, opened when first needed and again after an error. */
export function brokerAdmin(kafka: Kafka): BrokerAdmin {
  let connecting: Promise<Admin> | undefined

  async function connect(): Promise<Admin> {
    const admin = kafka.admin()
    await admin.connect()
    return admin
  }

  async function disconnect() {
    const was = connecting
    connecting = undefined
    await was?.then((admin) => admin.disconnect()).catch(() => {}) // it is lost either way
  }

  async function ask<T>(question: (admin: Admin) => Promise<T>): Promise<T> {
    try {
      connecting ??= connect()
      return await question(await connecting)
    } catch (error) {
      await disconnect()
      throw asCoded(error)
    }
  }

  return {
    lag: (group, topics) => ask((admin) => lagOf(admin, group, topics)),

    provision: (topics) =>
      ask(async (admin) => {
        const existing = new Set(await admin.listTopics())
        const missing = topics.filter(({ name }) => !existing.has(name))
        if (missing.length === 0) return []
        await admin.createTopics({
          waitForLeaders: true,
          topics: missing.map(({ name, partitions, retentionMs = -1 }) => ({
            topic: name,
            numPartitions: partitions,
            configEntries: [
              { name: 'cleanup.policy', value: 'delete' },
              { name: 'retention.ms', value: String(retentionMs) },
            ],
          })),
        })
        return missing.map(({ name }) => name)
      }),

    describe: (names) => ask((admin) => describe(admin, names)),
    close: disconnect,
  }
}

async function lagOf(admin: Admin, group: string, topics: readonly string[]): Promise<PartitionLag[]> {
  const committed = await admin.fetchOffsets({ groupId: group, topics: [...topics] })
  const ends = await Promise.all(topics.map(async (topic) => ({ topic, ends: await admin.fetchTopicOffsets(topic) })))
  return ends.flatMap(({ topic, ends }) => {
    const positions = committed.find((entry) => entry.topic === topic)?.partitions ?? []
    const inOrder = ends.toSorted((a, b) => a.partition - b.partition)
    return inOrder.map(({ partition, low, high }) => {
      const found = positions.find((position) => position.partition === partition)?.offset
      const position = found === undefined || found === '-1' ? undefined : found
      const lag = Math.max(0, Number(high) - Number(position ?? low))
      return { topic, partition, committed: position, end: high, lag }
    })
  })
}

async function describe(admin: Admin, names: readonly string[]): Promise<TopicDescription[]> {
  const existing = new Set(await admin.listTopics())
  const known = names.filter((name) => existing.has(name))
  if (known.length === 0) return []
  const { topics } = await admin.fetchTopicMetadata({ topics: known })
  const { resources } = await admin.describeConfigs({
    includeSynonyms: false,
    resources: known.map((name) => ({
      type: kafkajs.ConfigResourceTypes.TOPIC,
      name,
      configNames: ['retention.ms', 'cleanup.policy'],
    })),
  })
  return topics.map(({ name, partitions }) => {
    const entries = resources.find((resource) => resource.resourceName === name)?.configEntries ?? []
    const settingOf = (key: string) => entries.find(({ configName }) => configName === key)?.configValue
    const retentionMs = Number(settingOf('retention.ms') ?? -1)
    return {
      name,
      partitions: partitions.length,
      retentionMs: retentionMs < 0 ? undefined : retentionMs,
      cleanupPolicy: settingOf('cleanup.policy') ?? 'delete',
    }
  })
}
