import { createConnection } from 'node:net'
import pg from 'pg'
import { messageOf } from '#pipelines/kernel/errors.ts'
import { pause } from '#pipelines/kernel/lifecycle.ts'
import { identityOf } from '#pipelines/local/process/pid.ts'
import type { RecordedPart } from '#pipelines/local/supervisor/run-file.ts'
import type { Ice } from './ice.ts'
import type { Fault } from './plan.ts'
import { send, type Victims } from './processes.ts'

/** What became of a fault. */
export interface Done {
  readonly fault: Fault
  /** Milliseconds from the fault's end until the victim served again; undefined while, or if, it does not. */
  readonly backAfterMs: number | undefined
  /** What was done, or why nothing was. */
  readonly note: string
}

export interface Hands {
  readonly victims: Victims
  readonly ice: Ice
  readonly databaseUrl: (name: string) => string
  readonly signal: AbortSignal
}

const BACK_WITHIN_MS = 120_000
/** A table that every record of the service goes through, and nothing of the system's. */
const HOT_TABLE: Readonly<Record<string, string>> = {
  basket: 'checkouts',
  catalog: 'stock',
  ordering: 'orders',
  payment: 'payments',
}

/** Does it, and waits until the victim serves again. Never throws: what could not be done is told. */
export async function commit(fault: Fault, hands: Hands): Promise<Done> {
  const victim = hands.victims.find(fault.victim)
  if (!victim) return { fault, backAfterMs: undefined, note: 'skipped: it does not run at the moment' }
  try {
    const note = await strike(fault, victim, hands)
    const endedAt = performance.now()
    const back = await untilBack(fault, victim, hands)
    return { fault, note, backAfterMs: back ? performance.now() - endedAt : undefined }
  } catch (error) {
    return { fault, backAfterMs: undefined, note: `skipped: ${messageOf(error)}` }
  }
}

async function strike(
  { kind, forMs }: Fault,
  victim: RecordedPart,
  { victims, ice, databaseUrl, signal }: Hands,
): Promise<string> {
  switch (kind) {
    case 'kill':
      return send(victim, 'SIGKILL') ? `pid ${victim.pid}` : 'it was gone already'
    case 'restart':
      return send(victim, victim.name === 'postgres' ? 'SIGINT' : 'SIGTERM')
        ? `pid ${victim.pid}`
        : 'it was gone already'
    case 'freeze':
      return counted(await ice.freeze(victims.family(victim), forMs, signal), 'process', 'processes')
    case 'hang': {
      const pids = await sessionsOf(databaseUrl(victim.name))
      const server = victims.find('postgres')
      const ours = new Set((server ? victims.family(server) : []).map(({ pid }) => pid))
      const sessions = pids.filter((pid) => ours.has(pid)).flatMap((pid) => identityOf(pid) ?? [])
      return counted(await ice.freeze(sessions, forMs, signal), 'session')
    }
    case 'cut':
      return counted(await cutSessions(databaseUrl(victim.name)), 'session')
    case 'lock':
      return await lockTable(databaseUrl(victim.name), HOT_TABLE[victim.name] ?? 'outbox', forMs, signal)
  }
}

function counted(count: number, one: string, more = `${one}s`): string {
  return `${count} ${count === 1 ? one : more}`
}

/** Pids of the server's sessions in one database, ours apart. */
async function sessionsOf(url: string): Promise<number[]> {
  return withClient(url, async (client) => {
    const { rows } = await client.query<{ pid: number }>(
      `select pid from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid() and backend_type = 'client backend'`,
    )
    return rows.map(({ pid }) => pid)
  })
}

async function cutSessions(url: string): Promise<number> {
  return withClient(url, async (client) => {
    const { rowCount } = await client.query(
      `select pg_terminate_backend(pid) from pg_stat_activity
       where datname = current_database() and pid <> pg_backend_pid() and backend_type = 'client backend'`,
    )
    return rowCount ?? 0
  })
}

async function lockTable(url: string, table: string, forMs: number, signal: AbortSignal): Promise<string> {
  return withClient(url, async (client) => {
    await client.query('begin')
    await client.query(`set local lock_timeout = '5s'`)
    await client.query(`lock table ${table} in access exclusive mode`)
    await pause(forMs, signal)
    await client.query('rollback')
    return `table ${table}`
  })
}

async function withClient<T>(url: string, work: (client: pg.Client) => Promise<T>): Promise<T> {
  const client = new pg.Client({ connectionString: url, connectionTimeoutMillis: 3_000, query_timeout: 10_000 })
  client.on('error', () => {})
  await client.connect()
  try {
    return await work(client)
  } finally {
    await client.end().catch(() => {})
  }
}

/** Whether the victim serves again: as another process after a kill or restart, as the same one after the rest. */
async function untilBack({ kind }: Fault, victim: RecordedPart, { victims, signal }: Hands): Promise<boolean> {
  const isNew = kind === 'kill' || kind === 'restart'
  for (
    const until = performance.now() + BACK_WITHIN_MS;
    performance.now() < until && !signal.aborted;
    await pause(100)
  ) {
    const now = victims.find(victim.name)
    if (now && (!isNew || now.pid !== victim.pid) && (await serves(now))) return true
  }
  return false
}

async function serves({ address }: RecordedPart): Promise<boolean> {
  if (address === '') return true // it listens on nothing
  if (address.startsWith('http')) {
    const health = /:\d+$/.test(address) ? `${address}/health/ready` : `${address}/subjects`
    const answer = await fetch(health, { signal: AbortSignal.timeout(2_000) }).catch(() => undefined)
    return answer?.status === 200 || (answer?.status === 404 && health.endsWith('/health/ready'))
  }
  const [host = '', port] = address.startsWith('postgres')
    ? [new URL(address).hostname, new URL(address).port]
    : address.split(':')
  return new Promise((resolve) => {
    const socket = createConnection({ host, port: Number(port) })
    const end = (answer: boolean) => {
      socket.destroy()
      resolve(answer)
    }
    socket.once('connect', () => end(true))
    socket.once('error', () => end(false))
    socket.setTimeout(2_000, () => end(false))
  })
}
