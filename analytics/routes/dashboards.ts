import type { ClickHouseClient } from '@clickhouse/client'
import { instantOf } from '#pipelines/http/instants.ts'
import { badRequest, notFound } from '#pipelines/http/problems.ts'
import type { Routes } from '#pipelines/http/types.ts'
import { Type } from '#pipelines/kernel/config.ts'
import type { LogRange } from '../ingest/source.ts'
import { askPanel } from '../panels/ask.ts'
import type { PanelShelf } from '../panels/read.ts'
import { Count, READERS, Text } from './shapes.ts'

const Panel = Type.Object({
  id: Text,
  title: Text,
  about: Type.Optional(Text),
  empty: Type.Optional(Text),
  dashboard: Type.Optional(Text),
  order: Type.Integer(),
  chart: Text,
  unit: Text,
  width: Text,
  gaps: Text,
  refreshSeconds: Type.Integer(),
  compare: Type.Boolean(),
  required: Type.Boolean(),
  drill: Type.Optional(Type.Object({ rows: Text, with: Type.Record(Type.String(), Text) })),
  sql: Type.String({ description: 'What ClickHouse is asked, with its parameters `{name:Type}`' }),
  parameters: Type.Array(Type.Object({ name: Text, type: Text })),
})
const Panels = Type.Object({
  panels: Type.Array(Panel),
  faults: Type.Array(Type.Object({ file: Text, line: Type.Integer(), message: Text }), {
    description: 'Files that are no panels, and why',
  }),
})

const Time = Type.String({ format: 'date-time' })
const Ask = Type.Object({
  from: Time,
  to: Time,
  stepSeconds: Type.Integer({ minimum: 1, maximum: 86_400, description: 'Width of a time slot' }),
  timezone: Type.String({ pattern: '^[A-Za-z][\\w+/-]{0,60}$', description: 'IANA name: days begin by it' }),
  values: Type.Optional(
    Type.Record(Type.String({ pattern: '^[A-Za-z_]\\w{0,60}$' }), Type.String({ maxLength: 200 }), {
      description: 'Chosen values of filters, by name; what is not given is empty, which means all',
      maxProperties: 30,
    }),
  ),
})
const Answer = Type.Object({
  columns: Type.Array(Type.Object({ name: Text, type: Text })),
  rows: Type.Array(Type.Array(Type.Unknown())),
  truncated: Type.Boolean(),
  statistics: Type.Object({ elapsedMs: Type.Number(), rowsRead: Count, bytesRead: Count }),
  parameters: Type.Record(Type.String(), Type.Union([Text, Type.Array(Type.Union([Text, Type.Number()]))])),
})

/** Slots beyond which no chart has a pixel for each. */
const MOST_SLOTS = 5_000

export interface DashboardOutside {
  /** Asks the published views and can change nothing. */
  readonly db: ClickHouseClient
  readonly shelf: PanelShelf
  readonly ranges: () => Promise<readonly LogRange[]>
}

/** The panels of the dashboards: which there are, and what each answers. */
export function dashboardRoutes({ db, shelf, ranges }: DashboardOutside): Routes {
  return (app) => {
    app.get(
      '/v1/analytics/panels',
      {
        config: { access: READERS },
        schema: { summary: 'All panels with their SQL, in the order of the page', response: { 200: Panels } },
      },
      async () => {
        const { panels, faults } = await shelf.current()
        return { panels: [...panels] as never, faults: [...faults] }
      },
    )
    app.post(
      '/v1/analytics/panels/:panel',
      {
        config: { access: READERS },
        schema: {
          summary: 'What a panel answers for a span of time',
          params: Type.Object({ panel: Type.String({ pattern: '^[a-z][a-z0-9-]{0,60}$' }) }),
          body: Ask,
          response: { 200: Answer },
        },
      },
      async (request, reply) => {
        const { panels } = await shelf.current()
        const panel = panels.find(({ id }) => id === request.params.panel)
        if (!panel) throw notFound('PANEL_UNKNOWN', 'there is no panel of this name')
        const { from, to, stepSeconds, timezone, values = {} } = request.body
        const [first, last] = [instantOf(from), instantOf(to)]
        const seconds = (last.getTime() - first.getTime()) / 1000
        if (!(seconds > 0)) throw badRequest('SPAN_INVALID', 'from must lie before to')
        if (seconds / stepSeconds > MOST_SLOTS)
          throw badRequest('STEP_TOO_SMALL', `that is more than ${MOST_SLOTS} time slots: take a wider stepSeconds`)
        if (!isTimezone(timezone))
          throw badRequest('TIMEZONE_UNKNOWN', 'timezone must be an IANA name such as Europe/Vienna')
        const left = new AbortController()
        reply.raw.once('close', () => left.abort())
        const asker = request.principal.subject
        const span = { from: first.toISOString(), to: last.toISOString() }
        return await askPanel(db, panel, { ...span, stepSeconds, timezone, values, asker }, ranges, left.signal)
      },
    )
  }
}

function isTimezone(name: string): boolean {
  try {
    new Intl.DateTimeFormat('en', { timeZone: name })
    return true
  } catch {
    return false
  }
}
