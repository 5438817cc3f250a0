import type { Panel } from '../panels/panel.ts'
import { OWN_PANELS, readPanels } from '../panels/read.ts'

/** Grafana's names for how a panel is drawn and what its numbers are. */
const TYPES: Readonly<Record<string, string>> = {
  stats: 'stat',
  line: 'timeseries',
  area: 'timeseries',
  columns: 'timeseries',
  bars: 'barchart',
  funnel: 'barchart',
  quantiles: 'barchart',
  table: 'table',
}
const UNITS: Readonly<Record<string, string>> = {
  count: 'short',
  money: 'short',
  percent: 'percentunit',
  ms: 'ms',
  seconds: 's',
  bytes: 'bytes',
  'per-second': 'reqps',
}
const WIDTHS: Readonly<Record<string, number>> = { third: 8, half: 12, 'two-thirds': 16, full: 24 }
const GRID = 24
const HEIGHT = 8

const DATASOURCE = { type: 'grafana-clickhouse-datasource', uid: '$datasource' } as const

/** The panels' parameters as Grafana fills them. What Kafka holds is not known there, so panels that compare with it stay out. */
export function grafanaSql(sql: string): string {
  return sql
    .replace(/\{\s*from\s*:\s*DateTime64\(3\)\s*\}/g, '$__fromTime_ms')
    .replace(/\{\s*to\s*:\s*DateTime64\(3\)\s*\}/g, '$__toTime_ms')
    .replace(/\{\s*step\s*:\s*UInt32\s*\}/g, 'toUInt32($__interval_s)')
    .replace(/\{\s*timezone\s*:\s*String\s*\}/g, "'UTC'")
    .replace(/\{\s*(\w+)\s*:\s*[^{}]+\}/g, "'$$$1'")
}

function fits({ dashboard, parameters, chart }: Panel): boolean {
  return (
    dashboard !== undefined && TYPES[chart] !== undefined && !parameters.some(({ name }) => name.startsWith('kafka_'))
  )
}

function target(panel: Panel) {
  const isTime = TYPES[panel.chart] === 'timeseries'
  return {
    refId: 'A',
    datasource: DATASOURCE,
    editorType: 'sql',
    queryType: isTime ? 'timeseries' : 'table',
    format: isTime ? 0 : 1,
    rawSql: grafanaSql(panel.sql),
  }
}

/** A dashboard for Grafana's ClickHouse data source, made from the same files as our own pages: panels in their order, filters as variables. */
export async function grafanaDashboard(): Promise<Readonly<Record<string, unknown>>> {
  const { panels } = await readPanels([OWN_PANELS])
  const shown = panels.filter(fits).toSorted((a, b) => a.order - b.order)
  const pages = Map.groupBy(shown, ({ dashboard }) => dashboard ?? '')
  const drawn: unknown[] = []
  let y = 0
  for (const [page, own] of pages) {
    drawn.push({
      id: drawn.length + 1,
      type: 'row',
      title: page,
      collapsed: false,
      gridPos: { x: 0, y, w: GRID, h: 1 },
      panels: [],
    })
    y++
    let x = 0
    for (const panel of own) {
      const w = WIDTHS[panel.width] ?? GRID
      if (x + w > GRID) {
        x = 0
        y += HEIGHT
      }
      drawn.push({
        id: drawn.length + 1,
        type: TYPES[panel.chart],
        title: panel.title,
        ...(panel.about && { description: panel.about }),
        datasource: DATASOURCE,
        gridPos: { x, y, w, h: HEIGHT },
        fieldConfig: { defaults: { unit: UNITS[panel.unit] ?? 'short' }, overrides: [] },
        options: {},
        targets: [target(panel)],
      })
      x += w
    }
    y += HEIGHT
  }
  return {
    title: 'eshop',
    uid: 'eshop',
    schemaVersion: 39,
    tags: ['eshop'],
    timezone: 'utc',
    refresh: '10s',
    time: { from: 'now-6h', to: 'now' },
    templating: { list: [datasourceVariable, ...panels.filter(({ chart }) => chart === 'filter').map(filterVariable)] },
    panels: drawn,
  }
}

const datasourceVariable = {
  name: 'datasource',
  type: 'datasource',
  query: 'grafana-clickhouse-datasource',
  label: 'ClickHouse',
}

/** `filter-brand.sql` is `$brand`; nothing chosen is empty, as on our own pages. */
function filterVariable({ id, title, sql, required }: Panel) {
  return {
    name: id.replace(/^filter-/, ''),
    label: title,
    type: 'query',
    datasource: DATASOURCE,
    query: grafanaSql(sql),
    refresh: 1,
    includeAll: !required,
    ...(!required && { allValue: '', current: { text: 'All', value: '$__all' } }),
  }
}
