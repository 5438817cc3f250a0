import { Kafka, logLevel } from 'kafkajs'
import { pause } from '#pipelines/kernel/lifecycle.ts'
import { randomName } from '#pipelines/testing/names.ts'

/** A record as a client of its own reads it. */
export interface TopicRecord {
  readonly topic: string
  readonly partition: number
  readonly offset: number
  readonly timestamp: number
  readonly key: Buffer | null
  readonly value: Buffer | null
}

/** Everything the topics hold up to where they end now, read by kafkajs in a group of its own and by nothing of ours. */
export async function readTopics(brokers: readonly string[], topics: readonly string[]): Promise<TopicRecord[]> {
  const kafka = new Kafka({ clientId: 'judge', brokers: [...brokers], logLevel: logLevel.NOTHING })
  const admin = kafka.admin()
  await admin.connect()
  const groupId = randomName('judge')
  const consumer = kafka.consumer({ groupId, maxBytesPerPartition: 8_388_608 })
  const found: TopicRecord[] = []
  const left = new Map<string, number>()
  try {
    for (const topic of topics)
      for (const { partition, low, high } of await admin.fetchTopicOffsets(topic))
        if (Number(high) > Number(low)) left.set(`${topic}/${partition}`, Number(high))
    await consumer.connect()
    await consumer.subscribe({ topics: [...topics], fromBeginning: true })
    await consumer.run({
      async eachBatch({ batch }) {
        const { topic, partition, messages } = batch
        const end = left.get(`${topic}/${partition}`)
        if (end === undefined) return
        for (const { offset, timestamp, key, value } of messages)
          if (Number(offset) < end)
            found.push({ topic, partition, offset: Number(offset), timestamp: Number(timestamp), key, value })
        if (Number(batch.lastOffset()) + 1 >= end) left.delete(`${topic}/${partition}`)
      },
    })
    while (left.size > 0) await pause(20)
  } finally {
    await consumer.disconnect()
    await admin.deleteGroups([groupId]).catch(() => {}) // it expires by itself
    await admin.disconnect()
  }
  return found
}
