import type { Closable } from '#pipelines/kernel/lifecycle.ts'
import { freePorts } from '#pipelines/local/ports.ts'
import { readSettings } from '#pipelines/local/settings.ts'
import { eventually } from '#pipelines/testing/eventually.ts'
import type { TestProcess } from '#pipelines/testing/process.ts'
import type { LocalShop } from '#services/e2e/harness/local-shop.ts'
import { PROGRAM_NAMES, type ProgramName, startProgram } from '../infrastructure/programs.ts'
import { type Balancer, type Failure, startBalancer } from './balancer.ts'

export type FleetName = ProgramName
export const FLEET = PROGRAM_NAMES

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
  const balancers = new Map<FleetName, Balancer>()
  const instances = new Map<FleetName, readonly [Instance, Instance]>()

  const start = (name: FleetName, port: number, from: string) => startProgram(shop, name, { port, folder: from })
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
      // The balancer asks now and then: before it has noticed, both would still count as ready.
      await eventually(() => !balancerOf(name).isReady(urlOf(instance)), { withinMs: READY_WITHIN_MS })
      instance.process = start(name, instance.port, from)
      await bothReady(name)
    },
    async close() {
      for (const balancer of balancers.values()) await balancer.close()
      await Promise.all([...instances.values()].flat().map((instance) => instance.process.close()))
    },
  }
}
