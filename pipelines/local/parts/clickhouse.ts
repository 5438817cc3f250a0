import { join } from 'node:path'
import { LOOPBACK, root } from '../paths.ts'
import type { Launch } from '../process/launch.ts'
import { answersOk } from '../process/probes.ts'

export interface ClickHouseOptions {
  readonly directory: string
  readonly port: number
  readonly logFile: string
}

/** The program behind it, by path: the local stack starts it and imports nothing of it. */
export const clickHouseProgram: string = join(root, 'analytics/server/main.ts')

/** The embedded ClickHouse in a process of its own, behind its HTTP interface. */
export function clickHouseLaunch({ directory, port, logFile }: ClickHouseOptions): Launch {
  const address = `http://${LOOPBACK}:${port}`
  return {
    name: 'clickhouse',
    command: process.execPath,
    args: [clickHouseProgram],
    env: { HOST: LOOPBACK, CLICKHOUSE_PORT: String(port), CLICKHOUSE_DATA_DIR: directory },
    cwd: root,
    address,
    logFile,
    ready: () => answersOk(`${address}/ping`),
  }
}
