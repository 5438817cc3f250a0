import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Closable, closer } from '#pipelines/kernel/lifecycle.ts'
import { kafkaLaunch, newClusterId } from '#pipelines/local/parts/kafka.ts'
import { LOOPBACK } from '#pipelines/local/paths.ts'
import { freePorts } from '#pipelines/local/ports.ts'
import { type Launch, type RunningPart, startPart } from '#pipelines/local/process/launch.ts'
import { createLeash, type Leash } from '#pipelines/local/process/leash.ts'
import { accepts } from '#pipelines/local/process/probes.ts'

/** A broker that leads partitions, and can be taken away. */
export interface ClusterBroker {
  readonly id: number
  readonly address: string
  kill(): Promise<void>
  /** Starts it over what it has on disk. */
  start(): Promise<void>
  /** Stops it as a debugger would, until it is let go on: then it believes for a while that it still leads. */
  freeze(): () => void
}

/** Two brokers, and a controller of their own so that either of them can be away. */
export interface KafkaCluster extends Closable {
  readonly addresses: readonly string[]
  readonly one: ClusterBroker
  readonly two: ClusterBroker
}

const CONTROLLER_ID = 100
/** So long a broker may be silent before others lead what it led. The default is 9 s. */
const SESSION_MS = 3_000

export async function kafkaCluster(): Promise<KafkaCluster> {
  const open = closer()
  const leash = open.add(createLeash())
  const directory = await mkdtemp(join(tmpdir(), 'eshop-kafka-cluster-'))
  leash.holdDirectory(directory)
  open.add({ close: () => rm(directory, { recursive: true, force: true, maxRetries: 10, retryDelay: 100 }) })
  const ports = await freePorts('controller', 'one', 'two')
  const clusterId = newClusterId()
  const common = { 'controller.quorum.voters': `${CONTROLLER_ID}@${LOOPBACK}:${ports.controller}` }
  const node = (name: string, port: number, settings: Readonly<Record<string, string | number | boolean>>) =>
    kafkaLaunch({
      directory: join(directory, name),
      port,
      controllerPort: ports.controller,
      logFile: join(directory, `${name}.log`),
      clusterId,
      heapMb: 256,
      settings: { ...common, ...settings },
    })

  const controller = await node('controller', ports.controller, {
    'process.roles': 'controller',
    'node.id': CONTROLLER_ID,
    listeners: `CONTROLLER://${LOOPBACK}:${ports.controller}`,
    'advertised.listeners': `CONTROLLER://${LOOPBACK}:${ports.controller}`,
    'broker.session.timeout.ms': SESSION_MS,
    'default.replication.factor': 2,
    // Who led before leads again soon after it is back.
    'leader.imbalance.check.interval.seconds': 2,
    'leader.imbalance.per.broker.percentage': 0,
    'unclean.leader.election.interval.ms': 1_000,
  })
  const broker = (id: number, port: number) =>
    node(`broker-${id}`, port, {
      'process.roles': 'broker',
      'node.id': id,
      listeners: `PLAINTEXT://${LOOPBACK}:${port}`,
      'advertised.listeners': `PLAINTEXT://${LOOPBACK}:${port}`,
      'broker.session.timeout.ms': SESSION_MS,
      'broker.heartbeat.interval.ms': 500,
      'replica.lag.time.max.ms': 5_000,
      'default.replication.factor': 2,
      'offsets.topic.replication.factor': 2,
      'transaction.state.log.replication.factor': 2,
    })
  try {
    open.add(await startPart({ ...controller, ready: () => accepts(ports.controller) }, { limitMs: 120_000 }))
    const [one, two] = await Promise.all([
      runningBroker(1, ports.one, await broker(1, ports.one), leash),
      runningBroker(2, ports.two, await broker(2, ports.two), leash),
    ])
    open.add(one)
    open.add(two)
    return { addresses: [one.address, two.address], one, two, close: open.close }
  } catch (error) {
    await open.close()
    throw error
  }
}

async function runningBroker(
  id: number,
  port: number,
  launch: Launch,
  leash: Leash,
): Promise<ClusterBroker & Closable> {
  let part: RunningPart
  async function start({ ready }: Pick<Launch, 'ready'>) {
    part = await startPart({ ...launch, ready }, { limitMs: 120_000 })
    leash.holdProcess(part.pid)
  }
  await start(launch)
  return {
    id,
    address: launch.address,
    async kill() {
      process.kill(part.pid, 'SIGKILL')
      await part.exited
    },
    // What has no leader while the other one is away says nothing about this one.
    start: () => start({ ready: () => accepts(port) }),
    freeze() {
      const { pid } = part
      process.kill(pid, 'SIGSTOP')
      return () => void process.kill(pid, 'SIGCONT')
    },
    close: () => part.close(),
  }
}
