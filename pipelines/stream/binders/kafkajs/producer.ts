import type { Kafka, Producer, TopicMessages } from 'kafkajs'
import type { Closable } from '#pipelines/kernel/lifecycle.ts'
import type { Log } from '#pipelines/kernel/log.ts'
import type { ProducerRecord } from '../types.ts'
import { asCoded } from './errors.ts'

/** A request makes one record batch per partition, which the broker takes up to 1 MB (`message.max.bytes`). */
const MAX_PARTITION_BYTES = 768 * 1024

export interface RecordProducer extends Closable {
  produce(records: readonly ProducerRecord[]): Promise<void>
}

/** An idempotent producer with acks=all, one send at a time. */
export function recordProducer(kafka: Kafka, log: Log): RecordProducer {
  let current: Producer | undefined
  let last: Promise<unknown> = Promise.resolve()

  async function connected(): Promise<Producer> {
    if (!current) {
      const producer = kafka.producer({
        idempotent: true,
        allowAutoTopicCreation: false,
        // About 3 s: a topic just made, or a leader that moves, is not yet a refusal.
        retry: { initialRetryTime: 100, maxRetryTime: 1_000, retries: 6 },
        // A leader that falls silent is not asked for anew by kafkajs, but metadata this old are: so the next try goes to the one that took over.
        metadataMaxAge: 5_000,
        createPartitioner:
          () =>
          ({ message }) =>
            message.partition as number,
      })
      await producer.connect()
      current = producer
    }
    return current
  }

  /**
   * After a failed send the broker may have its records under sequence numbers that this producer would give to other records next, and it would
   * drop those as repetitions, acknowledged. A new producer has a new id, so nothing is mistaken.
   */
  async function discard() {
    const failed = current
    current = undefined
    await failed?.disconnect().catch((error) => log.debug({ err: error }, 'a discarded producer did not disconnect'))
  }

  async function send(records: readonly ProducerRecord[]) {
    try {
      const producer = await connected()
      for (const topicMessages of requestsOf(records)) {
        await producer.sendBatch({ acks: -1, timeout: 10_000, topicMessages })
      }
    } catch (error) {
      await discard()
      throw asCoded(error)
    }
  }

  return {
    produce(records) {
      if (records.length === 0) return Promise.resolve()
      const sent = last.then(() => send(records))
      last = sent.catch(() => {})
      return sent
    },
    async close() {
      await last
      await discard()
    },
  }
}

/** Cuts records into requests that no partition is too large in, order kept. */
function* requestsOf(records: readonly ProducerRecord[]): Generator<TopicMessages[]> {
  let bytes = new Map<string, number>()
  let byTopic = new Map<string, TopicMessages>()
  for (const { topic, partition, key, value, headers } of records) {
    const place = `${topic}/${partition}`
    const size = (bytes.get(place) ?? 0) + value.length + key.length + 300 // headers and framing, generously
    if (size > MAX_PARTITION_BYTES && bytes.has(place)) {
      yield [...byTopic.values()]
      bytes = new Map()
      byTopic = new Map()
    }
    bytes.set(place, bytes.has(place) ? size : value.length + key.length + 300)
    let entry = byTopic.get(topic)
    if (!entry) {
      entry = { topic, messages: [] }
      byTopic.set(topic, entry)
    }
    entry.messages.push({ partition, key, value, headers })
  }
  if (byTopic.size > 0) yield [...byTopic.values()]
}
