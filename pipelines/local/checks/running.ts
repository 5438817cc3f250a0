import { Kafka, logLevel } from 'kafkajs'
import pg from 'pg'
import { SECOND } from '#pipelines/kernel/clock.ts'
import { messageOf } from '#pipelines/kernel/errors.ts'
import { postgresUrl } from '../parts/postgres.ts'
import type { LocalSettings } from '../settings.ts'
import { environmentOf } from '../shop-environment.ts'
import type { Check } from './machine.ts'
import { stackHealth } from './stack-health.ts'

/** Databases that may have an outbox. */
const PUBLISHERS = ['basket', 'catalog', 'ordering', 'payment', 'tasks']
const OLDEST_UNSENT_MS = 30 * SECOND
const MOST_LAG = 10_000

/** What can be seen of a running stack from outside: parts, unsent events, consumer lag. */
export async function checkRunning(settings: LocalSettings): Promise<Check[]> {
  const [parts, outboxes, lags] = await Promise.all([
    checkParts(settings),
    checkOutboxes(settings),
    checkLags(settings),
  ])
  return [...parts, ...outboxes, ...lags]
}

async function checkParts(settings: LocalSettings): Promise<Check[]> {
  const { state, parts } = await stackHealth(settings)
  const supervisor = {
    name: 'Supervisor',
    ok: state === 'ready',
    detail: state,
    fix: 'run `npm start` again: it clears up what a killed one left behind',
  }
  const each = parts.map(({ name, ready, restarts = 0, pid }) => ({
    name: `Part ${name}`,
    ok: ready,
    detail: pid === undefined ? 'down' : `${ready ? 'ready' : 'not ready'}, restarted ${restarts} times`,
    fix: `read ${settings.folders.logs}/${name}.log`,
  }))
  return [supervisor, ...each]
}

async function checkOutboxes({ ports }: LocalSettings): Promise<Check[]> {
  const checks = await Promise.all(PUBLISHERS.map((name) => checkOutbox(name, postgresUrl(ports.postgres, name))))
  return checks.filter((check) => check !== undefined)
}

async function checkOutbox(database: string, url: string): Promise<Check | undefined> {
  const name = `Outbox ${database}`
  const fix = `is Kafka up? Its relay runs in ${database}: read its log`
  const client = new pg.Client({ connectionString: url, connectionTimeoutMillis: 2_000 })
  client.on('error', () => {})
  try {
    await client.connect()
    const { rows: tables } = await client.query<{ found: boolean }>("select to_regclass('outbox') is not null as found")
    if (!tables[0]?.found) return undefined
    const { rows } = await client.query<{ unsent: number; age_ms: number }>(
      `select count(*)::int as unsent, coalesce(extract(epoch from now() - min(created_at)) * 1000, 0)::float as age_ms
       from outbox where sent_at is null`,
    )
    const { unsent, age_ms: ageMs } = rows[0] ?? { unsent: 0, age_ms: 0 }
    const detail = unsent === 0 ? 'all sent' : `${unsent} unsent, the oldest for ${Math.round(ageMs / SECOND)} s`
    return { name, ok: ageMs < OLDEST_UNSENT_MS, detail, fix }
  } catch (error) {
    return { name, ok: false, detail: messageOf(error), fix }
  } finally {
    await client.end().catch(() => {})
  }
}

async function checkLags(settings: LocalSettings): Promise<Check[]> {
  const brokers = [environmentOf(settings).common.KAFKA_BROKERS]
  const quiet = { logLevel: logLevel.NOTHING, retry: { retries: 1 }, connectionTimeout: 2_000 }
  const admin = new Kafka({ clientId: 'eshop-doctor', brokers, ...quiet }).admin()
  try {
    await admin.connect()
    const { groups } = await admin.listGroups()
    const ids = groups.filter(({ protocolType }) => protocolType === 'consumer').map(({ groupId }) => groupId)
    return await Promise.all(ids.sort().map((groupId) => checkLag(admin, groupId)))
  } catch (error) {
    return [{ name: 'Consumer lag', ok: false, detail: messageOf(error), fix: 'is Kafka up? `eshop status`' }]
  } finally {
    await admin.disconnect().catch(() => {})
  }
}

type Admin = ReturnType<Kafka['admin']>

async function checkLag(admin: Admin, groupId: string): Promise<Check> {
  const committed = await admin.fetchOffsets({ groupId })
  let lag = 0
  for (const { topic, partitions } of committed) {
    const ends = new Map(
      (await admin.fetchTopicOffsets(topic)).map(({ partition, offset }) => [partition, Number(offset)]),
    )
    for (const { partition, offset } of partitions)
      lag += Math.max(0, (ends.get(partition) ?? 0) - Math.max(0, Number(offset)))
  }
  const fix = `is ${groupId} running and healthy? Read its log; a long catch-up ends by itself`
  return { name: `Consumer ${groupId}`, ok: lag < MOST_LAG, detail: `${lag} records behind`, fix }
}
