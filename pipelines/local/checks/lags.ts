import { Kafka, logLevel } from 'kafkajs'
import { topics as topicMap, topicNames } from '#pipelines/flow/map.ts'
import { SECOND } from '#pipelines/kernel/clock.ts'
import { messageOf } from '#pipelines/kernel/errors.ts'
import { pause } from '#pipelines/kernel/lifecycle.ts'
import type { LocalSettings } from '../settings.ts'
import { environmentOf } from '../shop-environment.ts'
import { type GroupLook, judgeGroup, type PartitionLook } from './group-lag.ts'
import type { Check } from './machine.ts'

/** Long enough that a consumer which works has committed several times. */
const BETWEEN_LOOKS_MS = 4 * SECOND

/** How far every consumer group is behind, and whether it gets on. Looks twice when something is behind. */
export async function checkLags(settings: LocalSettings): Promise<Check[]> {
  const brokers = [environmentOf(settings).common.KAFKA_BROKERS]
  const quiet = { logLevel: logLevel.NOTHING, retry: { retries: 1 }, connectionTimeout: 2_000 }
  const admin = new Kafka({ clientId: 'eshop-doctor', brokers, ...quiet }).admin()
  try {
    await admin.connect()
    const first = await lookAt(admin)
    const isBehind = first.some(({ partitions }) => partitions.some(({ committed, end }) => end > committed))
    if (isBehind) await pause(BETWEEN_LOOKS_MS)
    const second = isBehind ? await lookAt(admin) : first
    return second.map((look) =>
      judgeGroup(isBehind ? first.find(({ group }) => group === look.group) : undefined, look),
    )
  } catch (error) {
    return [{ name: 'Consumer lag', ok: false, detail: messageOf(error), fix: 'is Kafka up? `eshop status`' }]
  } finally {
    await admin.disconnect().catch(() => {})
  }
}

type Admin = ReturnType<Kafka['admin']>

async function lookAt(admin: Admin): Promise<GroupLook[]> {
  const { groups } = await admin.listGroups()
  const ids = groups.filter(({ protocolType }) => protocolType === 'consumer').map(({ groupId }) => groupId)
  const described = ids.length === 0 ? [] : (await admin.describeGroups(ids)).groups
  return Promise.all(
    ids.sort().map(async (group) => {
      const members = described.find(({ groupId }) => groupId === group)?.members.length ?? 0
      return { group, members, partitions: await positionsOf(admin, group) }
    }),
  )
}

async function positionsOf(admin: Admin, groupId: string): Promise<PartitionLook[]> {
  const positions: PartitionLook[] = []
  // By the map, as the broker does not name partitions that a group never committed in: those are read from the start.
  const topics = topicNames.filter((name) => (topicMap[name].consumers as readonly string[]).includes(groupId))
  const asked = topics.length > 0 ? { groupId, topics } : { groupId }
  for (const { topic, partitions } of await admin.fetchOffsets(asked)) {
    const ends = await admin.fetchTopicOffsets(topic).catch(() => [])
    for (const { partition, offset } of partitions) {
      const known = ends.find((each) => each.partition === partition)
      const [end, low] = [Number(known?.high ?? 0), Number(known?.low ?? 0)]
      positions.push({ topic, partition, committed: Number(offset) < 0 ? low : Number(offset), end })
    }
  }
  return positions
}
