import { join, resolve } from 'node:path'
import { readConfig, Type } from '#pipelines/kernel/config.ts'
import { home as defaultHome, LOOPBACK } from './paths.ts'

const port = (number: number) => Type.Integer({ default: number, minimum: 1, maximum: 65_535, description: 'TCP port' })

/** Each property is one environment variable in capitals: `kafkaPort` is KAFKA_PORT. */
const Schema = Type.Object({
  kafkaPort: port(9092),
  kafkaControllerPort: port(9093),
  registryPort: port(8081),
  postgresPort: port(5432),
  clickhousePort: port(8123),
  identityPort: port(7100),
  basketPort: port(7101),
  catalogPort: port(7102),
  orderingPort: port(7103),
  paymentPort: port(7104),
  analyticsPort: port(7105),
  tasksPort: port(7106),
  gracePeriodMs: Type.Integer({
    default: 10_000,
    minimum: 0,
    description: 'how long an order may be cancelled, in ms',
  }),
  eshopHome: Type.String({ default: defaultHome, description: 'folder for data and logs' }),
})

export type PortName =
  | 'kafka'
  | 'kafkaController'
  | 'registry'
  | 'postgres'
  | 'clickhouse'
  | 'identity'
  | 'basket'
  | 'catalog'
  | 'ordering'
  | 'payment'
  | 'analytics'
  | 'tasks'

export interface LocalSettings {
  readonly ports: Readonly<Record<PortName, number>>
  readonly gracePeriodMs: number
  readonly folders: Folders
}

export interface Folders {
  readonly home: string
  /** All stores: what `eshop reset` wipes. */
  readonly data: string
  readonly logs: string
  /** The issuer's key. */
  readonly identity: string
}

/** The ports and folders of the local stack. @throws UsageError for a value that is no port */
export function readSettings(environment: NodeJS.ProcessEnv = process.env): LocalSettings {
  const { gracePeriodMs, eshopHome, ...ports } = readConfig(Schema, environment)
  const home = resolve(eshopHome)
  return {
    ports: Object.fromEntries(
      Object.entries(ports).map(([name, number]) => [name.replace(/Port$/, ''), number]),
    ) as LocalSettings['ports'],
    gracePeriodMs,
    folders: {
      home,
      data: join(home, 'data'),
      logs: join(home, 'logs'),
      identity: join(home, 'identity'),
    },
  }
}

/** The environment variable that moves a port. */
export function variableOf(name: PortName): string {
  return `${name.replace(/[A-Z]/g, (letter) => `_${letter}`).toUpperCase()}_PORT`
}

/** The base URL of a part that speaks HTTP. */
export function urlOf({ ports }: LocalSettings, name: PortName): string {
  return `http://${LOOPBACK}:${ports[name]}`
}
