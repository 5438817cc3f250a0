import type { Routes } from '#pipelines/http/types.ts'
import { Type } from '#pipelines/kernel/config.ts'
import type { AlertView } from '../alerts/watch.ts'
import { READERS, Text, Timestamp } from './shapes.ts'

const Alert = Type.Object({
  name: Text,
  panel: Text,
  phase: Type.String({ description: 'ok, pending, firing, clearing' }),
  since: Timestamp,
  value: Type.Union([Type.Number(), Type.Null()], { description: 'The last number; null while there is none' }),
  unit: Type.String({ description: 'number, or ms, money (minor units), share, bytes: by the name of its column' }),
  side: Type.String({ description: 'above or below the threshold is where it fires' }),
  threshold: Type.Number(),
  clearAt: Type.Number({ description: 'It is over only when the number has come back to this' }),
  problem: Type.Union([Text, Type.Null()], { description: 'Why the panel could not be asked the last time' }),
})

const ENDINGS: Readonly<Record<string, string>> = { ms: 'ms', minor: 'money', share: 'share', bytes: 'bytes' }

/** Columns are named for what they hold (`dashboards/README.md`). */
function unitOf(column = ''): string {
  return ENDINGS[column.slice(column.lastIndexOf('_') + 1)] ?? 'number'
}

/** Where each alert stands. */
export function alertRoutes(list: () => readonly AlertView[]): Routes {
  return (app) => {
    app.get(
      '/v1/analytics/alerts',
      {
        config: { access: READERS },
        schema: {
          summary: 'Alerts and where they stand',
          response: { 200: Type.Object({ items: Type.Array(Alert) }) },
        },
      },
      async () => ({
        items: list().map(({ value, problem, since, column, ...alert }) => ({
          ...alert,
          unit: unitOf(column),
          since: new Date(since).toISOString(),
          value: value ?? null,
          problem: problem ?? null,
        })),
      }),
    )
  }
}
