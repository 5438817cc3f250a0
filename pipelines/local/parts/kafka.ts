import { randomBytes } from 'node:crypto'
import { existsSync } from 'node:fs'
import { mkdir, rename, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { Kafka, logLevel } from 'kafkajs'
import { javaParts } from '../downloads/java-parts.ts'
import { LOOPBACK } from '../paths.ts'
import type { Launch } from '../process/launch.ts'
import { accepts } from '../process/probes.ts'
import { run } from '../process/run.ts'
import { javaCommand, jvmFlags } from './java.ts'

export interface KafkaOptions {
  readonly directory: string
  readonly port: number
  /** For the broker's own controller; nobody else connects to it. */
  readonly controllerPort: number
  readonly logFile: string
  /** Instead of, or beside, those below. */
  readonly settings?: Readonly<Record<string, string | number | boolean>>
  /** Of a cluster of several processes, all of which must name the same. Default a new one. */
  readonly clusterId?: string
  /** Default 320. */
  readonly heapMb?: number
}

/** Apache Kafka as one process: broker and controller (KRaft), no authentication, loopback only. */
export async function kafkaLaunch(options: KafkaOptions): Promise<Launch> {
  const { directory, port, logFile, heapMb = 320 } = options
  const { kafka } = await javaParts()
  await mkdir(directory, { recursive: true })
  const data = join(directory, 'data')
  const settings = join(directory, 'server.properties')
  await writeFile(settings, propertiesOf(data, options))
  const java = [...jvmFlags(heapMb), '-Dorg.slf4j.simpleLogger.defaultLogLevel=warn', '-cp', join(kafka, '*')]
  if (!existsSync(join(data, 'meta.properties'))) await format(data, java, options)
  const brokers = `${LOOPBACK}:${port}`
  return {
    name: 'kafka',
    command: javaCommand(),
    args: [...java, 'kafka.Kafka', settings],
    cwd: directory,
    address: brokers,
    logFile,
    stopWithinMs: 20_000,
    ready: async () => (await accepts(port)) && (await hasLeader(brokers)),
  }
}

/** Writes the cluster's id into an empty directory; renamed into place last, so that one killed half-way is made again. */
async function format(data: string, java: string[], options: KafkaOptions) {
  const { directory, clusterId = newClusterId() } = options
  const unfinished = `${data}.unfinished`
  const settings = join(directory, 'format.properties')
  await rm(unfinished, { recursive: true, force: true })
  await writeFile(settings, propertiesOf(unfinished, options))
  await run(javaCommand(), [...java, 'kafka.tools.StorageTool', 'format', '-t', clusterId, '-c', settings])
  await rename(unfinished, data)
  await rm(settings)
}

/** As Kafka makes them: 16 bytes in base64url, and never with a dash at the front, which its tools take for an option. */
export function newClusterId(random: (size: number) => Buffer = randomBytes): string {
  for (;;) {
    const id = random(16).toString('base64url')
    if (!id.startsWith('-')) return id
  }
}

function propertiesOf(data: string, { port, controllerPort, settings: own = {} }: KafkaOptions): string {
  const settings: Record<string, string | number | boolean> = {
    'process.roles': 'broker,controller',
    'node.id': 1,
    'controller.quorum.voters': `1@${LOOPBACK}:${controllerPort}`,
    'controller.listener.names': 'CONTROLLER',
    'inter.broker.listener.name': 'PLAINTEXT',
    'listener.security.protocol.map': 'PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT',
    listeners: `PLAINTEXT://${LOOPBACK}:${port},CONTROLLER://${LOOPBACK}:${controllerPort}`,
    'advertised.listeners': `PLAINTEXT://${LOOPBACK}:${port}`,
    'log.dirs': data,
    'auto.create.topics.enable': false, // topics are provisioned; a misspelt one is an error
    'default.replication.factor': 1,
    'min.insync.replicas': 1,
    'offsets.topic.replication.factor': 1,
    'offsets.topic.num.partitions': 4,
    'transaction.state.log.replication.factor': 1,
    'transaction.state.log.min.isr': 1,
    'transaction.state.log.num.partitions': 4,
    'share.coordinator.state.topic.replication.factor': 1,
    'share.coordinator.state.topic.min.isr': 1,
    'group.initial.rebalance.delay.ms': 0,
    'offsets.retention.minutes': 5_256_000, // ten years: a shop that was off for a week must not lose its positions
    'log.retention.hours': -1,
    'log.cleaner.dedupe.buffer.size': 4_194_304,
    'num.network.threads': 2,
    'num.io.threads': 4,
    'num.recovery.threads.per.data.dir': 2,
    'background.threads': 2,
    'controlled.shutdown.enable': false, // nowhere to move the leaders to
    ...own,
  }
  return Object.entries(settings)
    .map(([name, value]) => `${name}=${value}\n`)
    .join('')
}

/** Whether the cluster knows its broker: from then on topics can be made and records sent. */
async function hasLeader(brokers: string): Promise<boolean> {
  const admin = new Kafka({
    clientId: 'local-stack',
    brokers: [brokers],
    logLevel: logLevel.NOTHING,
    retry: { retries: 0 },
    connectionTimeout: 1_000,
  }).admin()
  try {
    await admin.connect()
    return (await admin.describeCluster()).brokers.length > 0
  } catch {
    return false
  } finally {
    await admin.disconnect().catch(() => {})
  }
}
