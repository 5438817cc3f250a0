import { type ChildProcess, spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { inject } from 'vitest'
import type { Action, Point } from '#pipelines/kernel/failpoint.ts'
import type { Closable } from '#pipelines/kernel/lifecycle.ts'
import { home, root } from '#pipelines/local/paths.ts'
import { eventually } from '#pipelines/testing/eventually.ts'
import { randomName } from '#pipelines/testing/names.ts'
import type { Harness } from '../../testing/harness.ts'
import type { SourceName } from '../sources.ts'
import type { InstanceSettings } from './instance.ts'

/** The ingest of today, and the one of tomorrow. */
const PROGRAMS = { today: './instance.ts', tomorrow: './next-instance.ts' } as const
/** What the failpoints call it: the folder of the program. */
const PART = 'kills'

/** An ingest of the suite, as a process. */
export interface Instance {
  readonly pid: number
  readonly exited: Promise<void>
  /** Whether it has ended. */
  readonly over: boolean
  output(): string
  signal(signal: NodeJS.Signals): void
  /** Arms a failpoint; resolves when it fires, with what happens then already happening. */
  strike(point: Point, action: Action, nth?: number, forMs?: number): Promise<void>
}

export interface Instances extends Closable {
  /**
   * Lets the one that stands ready begin, and makes the next one ready. In a group of its own unless one is named: who was killed keeps its
   * partitions until its session is over, and a group of one's own does not wait for that. `armed`: at this point it will kill itself.
   */
  start(options?: { readonly groupId?: string; readonly armed?: Point }): Promise<Instance>
}

/** @param sessionTimeoutMs 6 s is the least that a broker allows */
export function instances(
  shop: Harness,
  clickhouseUrl: string,
  { sessionTimeoutMs = 6_000, source = 'fetch' as SourceName, version = 'today' as keyof typeof PROGRAMS } = {},
): Instances {
  const program = fileURLToPath(new URL(PROGRAMS[version], import.meta.url))
  const all = new Set<ChildProcess>()
  const killAll = () => {
    for (const child of all) child.kill('SIGKILL')
  }
  process.once('exit', killAll)
  const folders: string[] = []
  let ready = load()

  /** While rows come in, the point will be passed: a machine at its limit takes its time. */
  async function rowsThere() {
    const [row] = await shop.rows<{ rows: number }>(`SELECT count() AS rows FROM ${shop.databases.store}.events`)
    return row?.rows
  }

  async function load() {
    const folder = await mkdtemp(join(tmpdir(), 'eshop-kills-'))
    folders.push(folder)
    const child = spawn(process.execPath, [program], {
      cwd: root,
      env: {
        ...process.env,
        NODE_ENV: 'test',
        NODE_OPTIONS: '',
        NODE_COMPILE_CACHE: join(home, 'compile-cache'),
        ESHOP_FAILPOINT: `@${folder}`,
      },
      stdio: ['pipe', 'pipe', 'pipe'],
    })
    all.add(child)
    let output = ''
    for (const stream of [child.stdout, child.stderr])
      stream.setEncoding('utf8').on('data', (text: string) => {
        output += text
      })
    child.stdin.on('error', () => {}) // it was killed
    const exited = new Promise<void>((resolve) => child.once('close', () => resolve()))
    void exited.then(() => all.delete(child))
    return { folder, child, exited, output: () => output }
  }

  return {
    async start({ groupId = randomName('kills'), armed } = {}) {
      const { folder, child, exited, output } = await ready
      const settings: InstanceSettings = {
        brokers: shop.brokers,
        topics: Object.values(shop.topics),
        groupId,
        source,
        registryUrl: inject('registryUrl'),
        clickhouseUrl,
        databases: shop.databases,
        sessionTimeoutMs,
      }
      if (armed) await writeFile(join(folder, `${PART}.${armed}`), 'kill')
      child.stdin.write(`${JSON.stringify(settings)}\n`)
      ready = load()
      return {
        pid: child.pid ?? -1,
        exited,
        get over() {
          return !all.has(child)
        },
        output,
        signal: (signal) => void child.kill(signal),
        async strike(point, action, nth = 1, forMs = 0) {
          const file = join(folder, `${PART}.${point}`)
          await writeFile(file, `${action}:${nth}:${forMs}`)
          const fired = () => !existsSync(file)
          const limit = { withinMs: 150_000, everyMs: 2, what: `${point} of the ingest`, progress: rowsThere }
          await eventually(fired, limit).catch((error: Error) => {
            error.message += `\nthe ingest wrote:\n${output().slice(-4_000)}`
            throw error
          })
        },
      }
    },
    async close() {
      await ready.catch(() => undefined)
      killAll()
      process.off('exit', killAll)
      for (const folder of folders) await rm(folder, { recursive: true, force: true, maxRetries: 5 })
    },
  }
}
