import { readConfig, Type } from '#pipelines/kernel/config.ts'

/** Where the parts of the shop answer. Base URLs without a slash at the end. */
export interface Endpoints {
  readonly identity: string
  readonly basket: string
  readonly catalog: string
  readonly ordering: string
  readonly payment: string
  readonly tasks: string
  readonly analytics: string
  /** SQL over HTTP. */
  readonly clickhouse: string
}

const PORTS = Type.Object({
  identityPort: Type.Integer({ default: 7100 }),
  basketPort: Type.Integer({ default: 7101 }),
  catalogPort: Type.Integer({ default: 7102 }),
  orderingPort: Type.Integer({ default: 7103 }),
  paymentPort: Type.Integer({ default: 7104 }),
  tasksPort: Type.Integer({ default: 7106 }),
  analyticsPort: Type.Integer({ default: 7105 }),
  clickhousePort: Type.Integer({ default: 8123 }),
})

/** The local shop's endpoints, by the same variables that `eshop up` reads (`BASKET_PORT`, …). */
export function localEndpoints(environment: NodeJS.ProcessEnv = process.env): Endpoints {
  const ports = readConfig(PORTS, environment)
  const at = (port: number) => `http://127.0.0.1:${port}`
  return {
    identity: at(ports.identityPort),
    basket: at(ports.basketPort),
    catalog: at(ports.catalogPort),
    ordering: at(ports.orderingPort),
    payment: at(ports.paymentPort),
    tasks: at(ports.tasksPort),
    analytics: at(ports.analyticsPort),
    clickhouse: at(ports.clickhousePort),
  }
}
