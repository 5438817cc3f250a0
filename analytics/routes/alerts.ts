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
  side: Type.String({ description: 'above or below the threshold is where it fires' }),
  threshold: Type.Number(),
  problem: Type.Union([Text, Type.Null()], { description: 'Why the panel could not be asked the last time' }),
})

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
        items: list().map(({ value, problem, since, ...alert }) => ({
          ...alert,
          since: new Date(since).toISOString(),
          value: value ?? null,
          problem: problem ?? null,
        })),
      }),
    )
  }
}
