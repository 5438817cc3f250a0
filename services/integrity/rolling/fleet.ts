import { join } from 'node:path'
import type { Closable } from '#pipelines/kernel/lifecycle.ts'
import { freePorts } from '#pipelines/local/ports.ts'
import { readSettings } from '#pipelines/local/settings.ts'
import { environmentOf } from '#pipelines/local/shop-environment.ts'
import { eventually } from '#pipelines/testing/eventually.ts'
import { startProcess, type TestProcess } from '#pipelines/testing/process.ts'
import type { LocalShop } from '#services/e2e/harness/local-shop.ts'
import { type Balancer, type Failure, startBalancer } from './balancer.ts'

/** Every program of the shop that serves HTTP, by its path in the tree. */
const PROGRAMS = {
  basket: 'services/basket/main.ts',
  catalog: 'services/catalog/main.ts',
  ordering: 'services/ordering/main.ts',
  payment: 'services/payment/main.ts',
  tasks: 'bin/tasks/scheduler.ts',
  analytics: 'analytics/main.ts',
} as const

export type FleetName = keyof typeof PROGRAMS
export const FLEET = Object.keys(PROGRAMS) as readonly FleetName[]

const READY_WITHIN_MS = 120_000

/** Two instances of each program, behind a balancer on the port where the shop's own would listen. */
export interface Fleet extends Closable {
  failuresOf(name: FleetName): readonly Failure[]
  servedBy(name: FleetName): number
  /** Ends one instance and starts another of it in its place, of the tree in `folder`; returns when both are ready. */
  replace(name: FleetName, which: 0 | 1, signal: NodeJS.Signals, folder: string): Promise<void>
}

interface Instance {
  readonly port: number
  process: TestProcess
}

export async function startFleet(shop: LocalShop, folder: string): Promise<Fleet> {
  const settings = readSettings({ ...process.env, ...shop.env })
  const { common, of, tasks, analytics } = environmentOf(settings)
  const own = { ...of, tasks, analytics }
  const balancers = new Map<FleetName, Balancer>()
  const instances = new Map<FleetName, readonly [Instance, Instance]>()

  const start = (name: FleetName, port: number, from: string): TestProcess =>
    startProcess(['--disable-warning=TimeoutNegativeWarning', join(from, PROGRAMS[name])], {
      cwd: from,
      env: { ...shop.env, ...common, ...own[name], HOST: '127.0.0.1', PORT: String(port), LOG_LEVEL: 'warn' },
    })
  const urlOf = ({ port }: Instance) => `http://127.0.0.1:${port}`
  const pairOf = (name: FleetName) => instances.get(name) as readonly [Instance, Instance]
  const balancerOf = (name: FleetName) => balancers.get(name) as Balancer

  async function bothReady(name: FleetName): Promise<void> {
    await eventually(() => pairOf(name).every((instance) => balancerOf(name).isReady(urlOf(instance))), {
      withinMs: READY_WITHIN_MS,
      what: `both instances of ${name} are ready`,
    }).catch((error: Error) => {
      for (const instance of pairOf(name)) error.message += `\n${instance.process.output().slice(-2_000)}`
      throw error
    })
  }

  for (const name of FLEET) {
    const { one, two } = await freePorts('one', 'two')
    const pair = [one, two].map((port) => ({ port, process: start(name, port, folder) }))
    instances.set(name, pair as unknown as readonly [Instance, Instance])
    balancers.set(name, await startBalancer(pair.map(urlOf), settings.ports[name]))
  }
  for (const name of FLEET) await bothReady(name)

  return {
    failuresOf: (name) => balancerOf(name).failures,
    servedBy: (name) => balancerOf(name).served,
    async replace(name, which, signal, from) {
      const instance = pairOf(name)[which]
      instance.process.signal(signal)
      const { code } = await instance.process.exited
      if (signal === 'SIGTERM' && code !== 0)
        throw new Error(`${name} ended with ${code}:\n${instance.process.output()}`)
      instance.process = start(name, instance.port, from)
      await bothReady(name)
    },
    async close() {
      for (const balancer of balancers.values()) await balancer.close()
      await Promise.all([...instances.values()].flat().map((instance) => instance.process.close()))
    },
  }
}
