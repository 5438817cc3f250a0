import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { CodedError } from '#pipelines/kernel/errors.ts'
import type { Closable } from '#pipelines/kernel/lifecycle.ts'
import { pause } from '#pipelines/kernel/lifecycle.ts'
import { root } from '#pipelines/local/paths.ts'
import { freePorts } from '#pipelines/local/ports.ts'
import { spawnPart } from '#pipelines/local/process/launch.ts'
import { createLeash } from '#pipelines/local/process/leash.ts'
import { tailOf } from '#pipelines/local/process/log-tail.ts'
import { readSettings } from '#pipelines/local/settings.ts'
import { type RecordedPart, readRun } from '#pipelines/local/supervisor/run-file.ts'
import { type Endpoints, localEndpoints } from '../rest/endpoints.ts'

/** A whole shop of its own: every part a process, on random ports, with its data in a temporary folder. */
export interface LocalShop extends Closable {
  readonly endpoints: Endpoints
  /** The environment under which every `eshop` command means this shop. */
  readonly env: Readonly<Record<string, string>>
  readonly home: string
  /** The processes that run now. */
  parts(): readonly RecordedPart[]
}

const PORTS = [
  'kafka',
  'kafka_controller',
  'registry',
  'postgres',
  'clickhouse',
  'identity',
  'basket',
  'catalog',
  'ordering',
  'payment',
  'analytics',
  'tasks',
] as const

/** The shop that runs under this environment. Closing it leaves it running. */
export function runningShop(): LocalShop {
  const { home } = readSettings().folders
  return { endpoints: localEndpoints(), env: {}, home, parts: () => readRun(home)?.parts ?? [], close: async () => {} }
}

/**
 * Starts a shop by `eshop up`, as a person would, and waits until it is ready.
 * @throws CodedError `SHOP_NOT_UP` with the end of its log
 */
export async function startLocalShop({
  env = {},
  limitMs = 180_000,
  without = [],
  prepare,
}: {
  env?: Readonly<Record<string, string>>
  limitMs?: number
  /** Parts that the test runs itself. */
  without?: readonly string[]
  /** Done to its folder before it starts; what it returns is undone before the folder is deleted. */
  prepare?: (home: string) => Promise<Closable>
} = {}): Promise<LocalShop> {
  const home = await mkdtemp(join(tmpdir(), 'eshop-shop-'))
  // A test run that is ended before its time takes the shop along.
  const leash = createLeash()
  leash.holdDirectory(home)
  const prepared = await prepare?.(home)
  const ports = await freePorts(...PORTS)
  const portVariables = Object.fromEntries(PORTS.map((name) => [`${name.toUpperCase()}_PORT`, String(ports[name])]))
  const variables: Record<string, string> = {
    ...portVariables,
    ESHOP_HOME: home,
    NO_COLOR: '1',
    ESHOP_FAILPOINT: `@${join(home, 'failpoints')}`, // the failure suite arms points by files in there
    ...env,
  }
  const logFile = join(home, 'up.log')
  const up = await spawnPart({
    name: 'eshop up',
    command: process.execPath,
    args: [join(root, 'bin/commands.ts'), 'up', ...(without.length > 0 ? ['--without', ...without] : [])],
    cwd: root,
    env: variables,
    address: home,
    logFile,
    stopWithinMs: 60_000,
    ready: async () => readRun(home)?.state === 'ready',
  })
  leash.holdStarter(up.pid)
  let ended = false
  void up.exited.then(() => {
    ended = true
  })
  const until = Date.now() + limitMs
  while (readRun(home)?.state !== 'ready') {
    if (ended || Date.now() > until) {
      await up.close()
      await prepared?.close()
      await leash.close()
      throw new CodedError('SHOP_NOT_UP', `the shop did not start:\n${tailOf(logFile)}\n(folder: ${home})`)
    }
    await pause(100)
  }
  return {
    endpoints: localEndpoints(variables),
    env: variables,
    home,
    parts: () => readRun(home)?.parts ?? [],
    async close() {
      await up.close()
      await prepared?.close()
      await leash.close()
      await rm(home, { recursive: true, force: true, maxRetries: 10, retryDelay: 100 })
    },
  }
}
