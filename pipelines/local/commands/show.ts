import Table from 'cli-table3'
import { postgresUrl } from '../parts/postgres.ts'
import type { LocalSettings } from '../settings.ts'
import { urlOf } from '../settings.ts'
import { environmentOf } from '../shop-environment.ts'
import type { Reporter } from '../supervisor/supervisor.ts'

const seconds = (ms: number) => `${(ms / 1000).toFixed(1)} s`

/** Writes one line for each thing that happens. */
export function lineReporter(write: (line: string) => void = console.log): Reporter {
  return {
    ready: (name, tookMs, address) => write(`  ready   ${name.padEnd(13)} ${seconds(tookMs).padStart(7)}  ${address}`),
    done: (step, tookMs, result = '') =>
      write(`  done    ${step.padEnd(13)} ${seconds(tookMs).padStart(7)}  ${result}`),
    died: (name, why, ms) => write(`  died    ${name} (${why}): starting it again in ${seconds(ms)}`),
    recovered: (name) => write(`  ready   ${name} again`),
  }
}

/** The one table at the end of a start: where everything is, how to get a token, what to do next. */
export function shopTable(settings: LocalSettings): string {
  const { common } = environmentOf(settings)
  const plain = process.env.NO_COLOR !== undefined || !process.stdout.isTTY
  const table = new Table({
    style: { compact: true, ...(plain ? { head: [], border: [] } : { head: ['cyan'] }) },
    head: ['what', 'where'],
  })
  const docs = (name: 'basket' | 'catalog' | 'ordering' | 'payment') => [name, `${urlOf(settings, name)}/docs`]
  table.push(
    ['dashboards', `${urlOf(settings, 'analytics')}/`],
    docs('catalog'),
    docs('basket'),
    docs('ordering'),
    docs('payment'),
    ['analytics', `${urlOf(settings, 'analytics')}/docs`],
    ['tasks and schedules', `${urlOf(settings, 'tasks')}/docs`],
    ['tokens', `${urlOf(settings, 'identity')}/token`],
    ['SQL over HTTP (ClickHouse)', urlOf(settings, 'clickhouse')],
    ['Kafka', common.KAFKA_BROKERS],
    ['schema registry', common.REGISTRY_URL],
    ['PostgreSQL', postgresUrl(settings.ports.postgres, '<basket|catalog|ordering|payment|tasks>')],
    ['data and logs', settings.folders.home],
    ['a token', 'npx eshop token --role customer --sub alice'],
    ['next', ['npx eshop traffic --rate 20 --for 60s', 'npx eshop status', 'npx eshop sql "show tables"'].join('\n')],
  )
  return table.toString()
}
