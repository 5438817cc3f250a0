import { existsSync } from 'node:fs'
import { chmod, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Closable, closer } from '#pipelines/kernel/lifecycle.ts'
import { clickHouseLaunch, clickHouseProgram } from '#pipelines/local/parts/clickhouse.ts'
import { kafkaLaunch } from '#pipelines/local/parts/kafka.ts'
import { createDatabases, postgresLaunch, postgresUrl } from '#pipelines/local/parts/postgres.ts'
import { registryLaunch } from '#pipelines/local/parts/registry.ts'
import { freePorts } from '#pipelines/local/ports.ts'
import { type Launch, startPart } from '#pipelines/local/process/launch.ts'
import { createLeash } from '#pipelines/local/process/leash.ts'

/** Where the parts of a stack are reached. */
export interface StackAddresses {
  readonly kafkaBrokers: string
  readonly registryUrl: string
  /** The server's `postgres` database: tests make databases of their own. */
  readonly postgresUrl: string
  /** Empty where there is no embedded ClickHouse. */
  readonly clickhouseUrl: string
}

export interface TestStack extends StackAddresses, Closable {
  /** Logs and data of all parts; removed by `close`. */
  readonly directory: string
}

/**
 * Starts Kafka, the registry, PostgreSQL and ClickHouse on random ports in a temporary folder, side by side. If one fails, or this
 * process dies in whatever way, nothing stays behind.
 */
export async function startTestStack(): Promise<TestStack> {
  const open = closer()
  const leash = open.add(createLeash())
  const directory = await mkdtemp(join(tmpdir(), 'eshop-test-'))
  await chmod(directory, 0o755) // PostgreSQL may run as another user
  leash.holdDirectory(directory)
  open.add({ close: () => rm(directory, { recursive: true, force: true, maxRetries: 10, retryDelay: 100 }) })
  const ports = await freePorts('kafka', 'controller', 'registry', 'postgres', 'clickhouse')
  const logFile = (name: string) => join(directory, 'logs', `${name}.log`)

  async function start(launch: Launch) {
    const part = open.add(await startPart(launch, { limitMs: 120_000 }))
    leash.holdProcess(part.pid)
    return part.address
  }
  async function startKafka() {
    const [port, controllerPort] = [ports.kafka, ports.controller]
    const launch = { directory: join(directory, 'kafka'), port, controllerPort, logFile: logFile('kafka') }
    return await start(await kafkaLaunch(launch))
  }
  async function startDatabases() {
    const launch = { directory: join(directory, 'postgres'), port: ports.postgres, logFile: logFile('postgres') }
    const server = await start(await postgresLaunch(launch))
    await createDatabases(server, ['registry'])
    const databaseUrl = postgresUrl(ports.postgres, 'registry')
    const registry = await registryLaunch({ port: ports.registry, databaseUrl, logFile: logFile('registry') })
    return { postgresUrl: server, registryUrl: await start(registry) }
  }
  async function startClickHouse() {
    if (!existsSync(clickHouseProgram)) return ''
    const launch = { directory: join(directory, 'clickhouse'), port: ports.clickhouse, logFile: logFile('clickhouse') }
    return await start(clickHouseLaunch({ ...launch, published: '*' }))
  }

  const [kafka, databases, clickhouse] = await Promise.allSettled([startKafka(), startDatabases(), startClickHouse()])
  if (kafka.status === 'fulfilled' && databases.status === 'fulfilled' && clickhouse.status === 'fulfilled')
    return {
      kafkaBrokers: kafka.value,
      ...databases.value,
      clickhouseUrl: clickhouse.value,
      directory,
      close: open.close,
    }
  await open.close()
  const failed = [kafka, databases, clickhouse].filter((outcome) => outcome.status === 'rejected')
  throw failed.length === 1 ? failed[0]?.reason : new AggregateError(failed.map(({ reason }) => reason))
}
