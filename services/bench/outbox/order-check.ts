import { pause } from '#pipelines/kernel/lifecycle.ts'
import type { Binder, IncomingRecord } from '#pipelines/stream/binders/types.ts'
import { sampleCodec } from '#pipelines/stream/testing/sample-codec.ts'
import { TOPICS } from './ground.ts'

export interface OrderReport {
  readonly events: number
  readonly keys: number
  /** Events that stand in the topics more than once. */
  readonly repeated: number
  /** Events whose predecessor of the same key and topic stands behind them, or nowhere. */
  readonly misplaced: number
}

/** Reads back everything and looks whether each key's versions ascend in each topic without a gap. */
export async function checkOrder(binder: Binder, expected: number): Promise<OrderReport> {
  const records: IncomingRecord[] = []
  const subscription = binder.subscribe({
    group: 'order-check',
    topics: TOPICS,
    subscriber: { onAssigned() {}, onRevoked() {}, onRecords: (batch) => void records.push(...batch.records) },
  })
  for (let waited = 0; records.length < expected && waited < 60_000; waited += 50) await pause(50)
  await pause(300) // what comes beyond it would be a repetition
  await subscription.close()
  return judge(records)
}

async function judge(records: readonly IncomingRecord[]): Promise<OrderReport> {
  const codec = await sampleCodec()
  const seen = new Map<string, Set<number>>()
  const last = new Map<string, number>()
  let repeated = 0
  let misplaced = 0
  for (const { topic, key = '', value } of records) {
    const event = await codec.decode(value as Buffer)
    const version = 'version' in event ? event.version : 0
    const versions = seen.get(key) ?? new Set()
    seen.set(key, versions)
    if (versions.has(version)) {
      repeated += 1
      continue
    }
    versions.add(version)
    const lane = `${topic}/${key}`
    if (version !== nextIn(topic, last.get(lane) ?? 0)) misplaced += 1
    last.set(lane, version)
  }
  const events = [...seen.values()].reduce((sum, versions) => sum + versions.size, 0)
  return { events, keys: seen.size, repeated, misplaced }
}

/** Every fourth version of a key is in the second topic; see `draftOf`. */
function nextIn(topic: string, version: number): number {
  if (topic === TOPICS[1]) return version + 4
  return (version + 1) % 4 === 0 ? version + 2 : version + 1
}
