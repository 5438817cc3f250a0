import { join } from 'node:path'
import { LOOPBACK, root } from '../paths.ts'
import { BEHIND_THE_SHOP, type Launch } from '../process/launch.ts'
import { answersOk } from '../process/probes.ts'

export interface ClickHouseOptions {
  readonly directory: string
  readonly port: number
  readonly logFile: string
  /** Databases that analysts may read; `*` for all but those of stored tables. */
  readonly published: string
}

/** The program behind it, by path: the local stack starts it and imports nothing of it. */
export const clickHouseProgram: string = join(root, 'analytics/server/main.ts')

/** The embedded ClickHouse in a process of its own, behind its HTTP interface. */
export function clickHouseLaunch({ directory, port, logFile, published }: ClickHouseOptions): Launch {
  const address = `http://${LOOPBACK}:${port}`
  return {
    name: 'clickhouse',
    command: process.execPath,
    args: [clickHouseProgram],
    env: {
      HOST: LOOPBACK,
      CLICKHOUSE_PORT: String(port),
      CLICKHOUSE_DATA_DIR: directory,
      CLICKHOUSE_PASSWORDLESS: 'true',
      CLICKHOUSE_PUBLISHED: published,
    },
    niceness: BEHIND_THE_SHOP,
    cwd: root,
    address,
    logFile,
    ready: () => answersOk(`${address}/ping`),
  }
}
