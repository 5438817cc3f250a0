import type { IHeaders, KafkaMessage } from 'kafkajs'
import type { IncomingRecord } from '../types.ts'

/** A record as kafkajs hands it over, as ours: texts instead of buffers, the last value of a repeated header. */
export function incoming(topic: string, partition: number, message: KafkaMessage): IncomingRecord {
  const { offset, key, value, headers, timestamp } = message
  return {
    topic,
    partition,
    offset,
    key: key?.toString(),
    value,
    headers: headers ? textsOf(headers) : {},
    timestamp: Number(timestamp),
  }
}

function textsOf(headers: IHeaders): Record<string, string> {
  const texts: Record<string, string> = {}
  for (const [name, value] of Object.entries(headers)) {
    const one = Array.isArray(value) ? value.at(-1) : value
    if (one !== undefined) texts[name] = one.toString()
  }
  return texts
}
