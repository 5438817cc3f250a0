import { type Entry, readFrontMatter } from './front-matter.ts'
import { CHARTS, type Drill, type Fault, GAPS, type Panel, UNITS, WIDTHS } from './panel.ts'
import { GIVEN, parametersOf, writeOutBuckets } from './parameters.ts'

const KEYS = [
  'title',
  'about',
  'empty',
  'dashboard',
  'order',
  'chart',
  'unit',
  'width',
  'gaps',
  'refresh',
  'compare',
  'required',
  'drill',
] as const
type Key = (typeof KEYS)[number]
const FILE = /^[a-z][a-z0-9-]{0,60}\.sql$/
const DRILL = /^([a-z][a-z0-9-]*)((?:\s+[A-Za-z_]\w*\s*=\s*[A-Za-z_]\w*)*)$/
const YES = ['yes', 'no'] as const

/** Reads one file. Either a panel, or all that is wrong with it, each with its line. */
export function readPanel(
  file: string,
  text: string,
): { readonly panel: Panel } | { readonly faults: readonly Fault[] } {
  const { entries, sql, faults: found } = readFrontMatter(text)
  const faults: Fault[] = found.map((fault) => ({ file, ...fault }))
  const wrong = (message: string, line = 1) => void faults.push({ file, line, message })
  const entry = (key: Key) => entries.get(key)
  function choice<T extends string>(key: Key, values: readonly T[], otherwise: T | undefined): T | undefined {
    const given = entry(key)
    if (given === undefined) {
      if (otherwise === undefined) wrong(`${key} is missing: one of ${values.join(', ')}`)
      return otherwise
    }
    if (!values.includes(given.value as T))
      wrong(`${key} is "${given.value}": it must be one of ${values.join(', ')}`, given.line)
    return given.value as T
  }

  if (!FILE.test(file)) wrong('the name must be small letters, digits and dashes, and end in .sql')
  for (const [key, { line }] of entries)
    if (!KEYS.includes(key as Key)) wrong(`there is no ${key}: ${KEYS.join(', ')}`, line)
  const title = entry('title')?.value
  if (!title) wrong('title is missing')
  const chart = choice('chart', CHARTS, undefined)
  const placed = chart !== 'rows' && chart !== 'filter'
  const dashboard = entry('dashboard')
  if (placed && !dashboard?.value) wrong('dashboard is missing: the name of the page it stands on')
  if (!placed && dashboard) wrong(`${chart} stand on no dashboard: leave it out`, dashboard.line)
  const unit = choice('unit', UNITS, 'count')
  const width = choice('width', WIDTHS, 'half')
  const gaps = choice(
    'gaps',
    GAPS,
    unit === 'count' || unit === 'per-second' || chart === 'area' || chart === 'columns' ? 'zero' : 'open',
  )
  const compare = choice('compare', YES, 'yes') === 'yes'
  const required = choice('required', YES, 'no') === 'yes'
  const order = numberOf(entry('order'), 1_000, /^\d{1,6}$/, (line) => wrong('order must be a whole number', line))
  const refreshSeconds = numberOf(entry('refresh'), 1, /^(\d{1,4})(s|m)$/, (line) =>
    wrong('refresh must be like 5s or 1m', line),
  )
  const drill = drillOf(entry('drill'), (line) =>
    wrong('drill must be like "rows-orders status=state": a file, then parameter=column', line),
  )
  if (sql === '') wrong('there is no SQL below the front matter')
  if (faults.length > 0 || !title || !chart || !unit || !width || !gaps) return { faults }

  const written = writeOutBuckets(sql)
  return {
    panel: {
      id: file.replace(/\.sql$/, ''),
      title,
      ...(entry('about') && { about: entry('about')?.value ?? '' }),
      ...(entry('empty') && { empty: entry('empty')?.value ?? '' }),
      ...(dashboard && { dashboard: dashboard.value }),
      order,
      chart,
      unit,
      width,
      gaps,
      refreshSeconds,
      compare,
      required,
      ...(drill && { drill }),
      sql: written,
      parameters: parametersOf(written),
    },
  }
}

function numberOf(entry: Entry | undefined, otherwise: number, form: RegExp, wrong: (line: number) => void): number {
  if (!entry) return otherwise
  const match = form.exec(entry.value)
  if (!match) {
    wrong(entry.line)
    return otherwise
  }
  return Number(match[1] ?? match[0]) * (match[2] === 'm' ? 60 : 1)
}

function drillOf(entry: Entry | undefined, wrong: (line: number) => void): Drill | undefined {
  if (!entry) return undefined
  const match = DRILL.exec(entry.value)
  if (!match) {
    wrong(entry.line)
    return undefined
  }
  const pairs = [...(match[2] ?? '').matchAll(/(\w+)\s*=\s*(\w+)/g)].map(([, parameter = '', column = '']) => [
    parameter,
    column,
  ])
  return { rows: match[1] ?? '', with: Object.fromEntries(pairs) as Record<string, string> }
}

/** What only shows with all files together: a drill that leads nowhere, a parameter that nobody gives. */
export function checkTogether(panels: readonly Panel[]): readonly Fault[] {
  const byId = new Map(panels.map((panel) => [panel.id, panel]))
  const filters = new Set(panels.filter(({ chart }) => chart === 'filter').map(({ id }) => filterName(id)))
  return panels.flatMap((panel) => {
    const fault = (message: string): Fault => ({ file: `${panel.id}.sql`, line: 1, message })
    const faults = panel.parameters
      .filter(({ name }) => panel.chart !== 'rows' && !(name in GIVEN) && !filters.has(name))
      .map(({ name }) =>
        fault(
          `nobody gives {${name}}: there is no filter-${name}.sql, and it is none of ${Object.keys(GIVEN).join(', ')}`,
        ),
      )
    for (const { name, type } of panel.parameters)
      if (GIVEN[name] !== undefined && GIVEN[name] !== type.replace(/\s+/g, ' '))
        faults.push(fault(`{${name}} is a ${GIVEN[name]}, not a ${type}`))
    if (!panel.drill) return faults
    const rows = byId.get(panel.drill.rows)
    if (rows?.chart !== 'rows')
      return [...faults, fault(`drill leads to ${panel.drill.rows}.sql, which is no file of chart: rows`)]
    const unknown = Object.keys(panel.drill.with).filter((name) => !rows.parameters.some((one) => one.name === name))
    return [...faults, ...unknown.map((name) => fault(`drill fills {${name}}, which ${rows.id}.sql does not have`))]
  })
}

/** `filter-currency` is what chooses `{currency}`. */
export function filterName(id: string): string {
  return id.replace(/^filter-/, '').replaceAll('-', '_')
}
