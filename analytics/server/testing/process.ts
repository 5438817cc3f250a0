import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { createServer } from 'node:net'
import { fileURLToPath } from 'node:url'
import { Unavailable } from '#pipelines/kernel/errors.ts'
import { pause } from '#pipelines/kernel/lifecycle.ts'
import { createLeash, type Leash } from '#pipelines/local/process/leash.ts'

const MAIN = fileURLToPath(new URL('../main.ts', import.meta.url))

/** The embedded ClickHouse as a process, for tests that kill it. */
export interface ServerProcess {
  readonly url: string
  readonly child: ChildProcess
  /** Ends it at once, as a crash would. */
  kill(): Promise<void>
  stop(): Promise<void>
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  server.close()
  await once(server, 'close')
  return typeof address === 'object' && address ? address.port : 0
}

/** One for all servers of a test run that is ended before its time. */
let leash: Leash | undefined

/** Starts it over the folder and waits until it answers. `port` keeps the address over a restart. */
export async function startServerProcess(
  dataDir: string,
  environment: Readonly<Record<string, string>> = {},
  port?: number,
): Promise<ServerProcess> {
  const at = port ?? (await freePort())
  const child = spawn(process.execPath, [MAIN], {
    env: {
      ...process.env,
      CLICKHOUSE_DATA_DIR: dataDir,
      CLICKHOUSE_PORT: String(at),
      CLICKHOUSE_PASSWORDLESS: 'true',
      CLICKHOUSE_PUBLISHED: '*',
      LOG_LEVEL: 'warn',
      ...environment,
    },
    stdio: ['ignore', 'inherit', 'inherit'],
  })
  const url = `http://127.0.0.1:${at}`
  leash ??= createLeash()
  if (child.pid) leash.holdProcess(child.pid)
  const over = once(child, 'exit')
  for (;;) {
    if (child.exitCode !== null) throw new Unavailable('CLICKHOUSE_ENDED', `the server ended with ${child.exitCode}`)
    if (
      await fetch(`${url}/ping`).then(
        (answer) => answer.ok,
        () => false,
      )
    )
      break
    await pause(30)
  }
  async function end(signal: NodeJS.Signals) {
    if (child.exitCode === null && child.signalCode === null) child.kill(signal)
    await over
  }
  return { url, child, kill: () => end('SIGKILL'), stop: () => end('SIGTERM') }
}
