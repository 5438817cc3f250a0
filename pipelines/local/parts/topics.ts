import { Kafka, logLevel } from 'kafkajs'
import { PARTITIONS, type Topic, topics } from '#pipelines/flow/map.ts'

/** Creates the topics of the map that are missing, and returns how many those were. */
export async function createTopics(brokers: string): Promise<number> {
  const admin = new Kafka({ clientId: 'local-stack', brokers: [brokers], logLevel: logLevel.NOTHING }).admin()
  await admin.connect()
  try {
    const existing = new Set(await admin.listTopics())
    const missing = Object.entries<Topic>(topics).filter(([topic]) => !existing.has(topic))
    await admin.createTopics({
      topics: missing.map(([topic, { retentionMs = -1 }]) => ({
        topic,
        numPartitions: PARTITIONS,
        configEntries: [{ name: 'retention.ms', value: String(retentionMs) }],
      })),
    })
    return missing.length
  } finally {
    await admin.disconnect()
  }
}
