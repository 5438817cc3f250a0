import { join } from 'node:path'
import { UsageError } from '#pipelines/kernel/errors.ts'
import { clickHouseLaunch } from './parts/clickhouse.ts'
import { kafkaLaunch } from './parts/kafka.ts'
import { nodeProgramLaunch } from './parts/node-program.ts'
import { createDatabases, postgresLaunch, postgresUrl } from './parts/postgres.ts'
import { registryLaunch } from './parts/registry.ts'
import { root } from './paths.ts'
import { BEHIND_THE_SHOP } from './process/launch.ts'
import { run } from './process/run.ts'
import { type LocalSettings, type PortName, urlOf } from './settings.ts'
import { environmentOf } from './shop-environment.ts'
import type { PartPlan, Plan } from './supervisor/plan.ts'

/** One per service, one for tasks, one for the registry. */
export const DATABASES: readonly string[] = ['basket', 'catalog', 'ordering', 'payment', 'tasks', 'registry']
const SERVICES = ['basket', 'catalog', 'ordering', 'payment'] as const

/**
 * A plan without some of its parts: whoever runs them himself, under a debugger or behind a proxy, starts them on the same ports. What
 * needs them no longer waits for them, and steps that are done to them are left to him, too.
 * @throws UsageError `PART_UNKNOWN`, naming what there is
 */
export function withoutParts(plan: Plan, names: readonly string[]): Plan {
  const parts = plan.flatMap(({ kind, name }) => (kind === 'part' ? [name] : []))
  const unknown = names.find((name) => !parts.includes(name))
  if (unknown !== undefined)
    throw new UsageError('PART_UNKNOWN', `there is no part ${unknown}: there are ${parts.join(', ')}`)
  const isLeft = ({ kind, name, needs }: Plan[number]) =>
    !names.includes(name) && (kind === 'part' || !needs.some((need) => names.includes(need)))
  const left = new Set(plan.filter(isLeft).map(({ name }) => name))
  return plan.filter(isLeft).map((entry) => ({ ...entry, needs: entry.needs.filter((need) => left.has(need)) }))
}

/** The whole shop: what runs, what it needs, and what is done once at each start. Written from the bottom up. */
export function shopPlan(settings: LocalSettings): Plan {
  const { ports, folders } = settings
  const env = environmentOf(settings)
  const logFile = (name: string) => join(folders.logs, `${name}.log`)
  const data = (name: string) => join(folders.data, name)
  const part = (name: string, needs: string[], launch: PartPlan['launch']): PartPlan => ({
    kind: 'part',
    name,
    needs,
    launch,
  })

  const program = (name: PortName, path: string, needs: string[], extra: Record<string, string>, niceness = 0) =>
    part(name, needs, () =>
      nodeProgramLaunch({
        name,
        program: path,
        env: { ...env.common, ...extra },
        logFile: logFile(name),
        port: ports[name],
        niceness,
      }),
    )

  return [
    part('kafka', [], () =>
      kafkaLaunch({
        directory: data('kafka'),
        port: ports.kafka,
        controllerPort: ports.kafkaController,
        logFile: logFile('kafka'),
      }),
    ),
    part('postgres', [], () =>
      postgresLaunch({ directory: data('postgres'), port: ports.postgres, logFile: logFile('postgres') }),
    ),
    part('clickhouse', [], () =>
      clickHouseLaunch({
        directory: data('clickhouse'),
        port: ports.clickhouse,
        logFile: logFile('clickhouse'),
        published: 'eshop',
      }),
    ),
    program('identity', 'pipelines/local/issuer/main.ts', [], { IDENTITY_DIR: folders.identity }),

    {
      kind: 'step',
      name: 'databases',
      needs: ['postgres'],
      run: () => createDatabases(postgresUrl(ports.postgres), DATABASES).then(() => undefined),
    },
    part('registry', ['postgres', 'databases'], () =>
      registryLaunch({
        port: ports.registry,
        databaseUrl: postgresUrl(ports.postgres, 'registry'),
        logFile: logFile('registry'),
      }),
    ),
    {
      kind: 'step',
      name: 'topics',
      needs: ['kafka'],
      async run() {
        const { provisionTopics } = await import('#pipelines/stream/provision-topics.ts')
        return await provisionTopics({ brokers: [env.common.KAFKA_BROKERS] })
      },
    },
    {
      kind: 'step',
      name: 'schemas',
      needs: ['registry'],
      async run() {
        const { registerAll } = await import('#schemas/codec/register.ts')
        const subjects = await registerAll({ registryUrl: env.common.REGISTRY_URL })
        return `${subjects.length} subjects, ${subjects.filter(({ created }) => created).length} new`
      },
    },

    ...SERVICES.map((name) =>
      program(name, `services/${name}/main.ts`, ['databases', 'topics', 'schemas', 'identity'], env.of[name]),
    ),
    program('tasks', 'bin/tasks/scheduler.ts', ['ordering'], env.tasks, BEHIND_THE_SHOP),
    program(
      'analytics',
      'analytics/main.ts',
      ['clickhouse', 'topics', 'schemas', 'identity'],
      env.analytics,
      BEHIND_THE_SHOP,
    ),

    {
      kind: 'step',
      name: 'catalogue',
      needs: ['catalog'],
      async run() {
        const seed = [join(root, 'services/catalog/seed.ts')]
        const output = await run(process.execPath, seed, {
          env: { ...env.common, ...env.of.catalog, CATALOG_URL: urlOf(settings, 'catalog') },
        })
        return output.trim().split('\n').at(-1)
      },
    },
  ]
}
