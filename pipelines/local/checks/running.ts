import pg from 'pg'
import { SECOND } from '#pipelines/kernel/clock.ts'
import { messageOf } from '#pipelines/kernel/errors.ts'
import { postgresUrl } from '../parts/postgres.ts'
import type { LocalSettings } from '../settings.ts'
import { checkLags } from './lags.ts'
import type { Check } from './machine.ts'
import { stackHealth } from './stack-health.ts'

/** Databases that may have an outbox. */
const PUBLISHERS = ['basket', 'catalog', 'ordering', 'payment', 'tasks']
const OLDEST_UNSENT_MS = 30 * SECOND
/** Patient: a busy machine is no finding. */
const CONNECT_MS = 10 * SECOND

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
  const client = new pg.Client({ connectionString: url, connectionTimeoutMillis: CONNECT_MS })
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
    return { name, ok: false, detail: `cannot look: ${messageOf(error)}`, fix: 'is PostgreSQL up? `eshop status`' }
  } finally {
    await client.end().catch(() => {})
  }
}
