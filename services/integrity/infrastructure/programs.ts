import { join } from 'node:path'
import { root } from '#pipelines/local/paths.ts'
import { readSettings } from '#pipelines/local/settings.ts'
import { environmentOf } from '#pipelines/local/shop-environment.ts'
import { startProcess, type TestProcess } from '#pipelines/testing/process.ts'
import type { LocalShop } from '#services/e2e/harness/local-shop.ts'

/** Every program of the shop that serves HTTP, by its path in the tree. */
const PROGRAMS = {
  basket: 'services/basket/main.ts',
  catalog: 'services/catalog/main.ts',
  ordering: 'services/ordering/main.ts',
  payment: 'services/payment/main.ts',
  tasks: 'bin/tasks/scheduler.ts',
  analytics: 'analytics/main.ts',
} as const

export type ProgramName = keyof typeof PROGRAMS
export const PROGRAM_NAMES = Object.keys(PROGRAMS) as readonly ProgramName[]

export interface Start {
  readonly port: number
  /** The tree that it is run from. Default: this one. */
  readonly folder?: string
  /** What it is told instead of the usual: another way to what is outside. */
  readonly env?: Readonly<Record<string, string>>
}

/** Starts a program of the shop as the local stack would, for shops that were started without it. */
export function startProgram(
  shop: LocalShop,
  name: ProgramName,
  { port, folder = root, env = {} }: Start,
): TestProcess {
  const { common, of, tasks, analytics } = environmentOf(readSettings({ ...process.env, ...shop.env }))
  const own = { ...of, tasks, analytics }[name]
  return startProcess(['--disable-warning=TimeoutNegativeWarning', join(folder, PROGRAMS[name])], {
    cwd: folder,
    env: { ...shop.env, ...common, ...own, HOST: '127.0.0.1', PORT: String(port), LOG_LEVEL: 'warn', ...env },
  })
}
