import { readdirSync, readFileSync } from 'node:fs'
import { dirname, join, normalize } from 'node:path'
import { expect, test } from 'vitest'

const ROOT = join(import.meta.dirname, '..')

/** One way: an area may import itself and what stands in a row above it. */
const ROWS: readonly (readonly string[])[] = [
  ['pipelines/kernel'],
  ['schemas/generated', 'schemas/codec', 'schemas/generate'],
  ['pipelines/flow'],
  ['pipelines/outbox', 'pipelines/inbox'],
  ['pipelines/stream'],
  ['pipelines/http'],
  ['pipelines/tasks'],
  ['pipelines/testing', 'pipelines/local'],
  [
    'services/basket',
    'services/catalog',
    'services/ordering',
    'services/payment',
    'services/e2e',
    'services/operator',
    'services/bench',
    'analytics',
  ],
  ['services/integrity'],
  ['bin'],
]

/** What the rule above would forbid, and why it may stand. */
const ALLOWED = [
  { from: 'services/bench/', to: 'services/e2e/', because: 'benchmarks drive the shop with its customers' },
  {
    from: 'services/operator/',
    to: 'services/e2e/',
    because: 'operators meet the services over REST, as its clients do',
  },
  {
    from: 'schemas/check/',
    to: 'schemas/codec/',
    onlyTests: true,
    because: 'what the checker allows, our codec must read',
  },
]

/** Tests and what only they use may use the test tools wherever they stand. */
const OF_TESTS = /\.test\.ts$|\/testing\/|\/conformance\.ts$/

/** Areas of one row that may know each other: parts of one library. */
const ONE_LIBRARY = new Set(['schemas', 'pipelines'])

interface Import {
  readonly from: string
  readonly to: string
}

function* sourceFiles(folder: string): Generator<string> {
  for (const entry of readdirSync(join(ROOT, folder), { withFileTypes: true })) {
    const path = join(folder, entry.name)
    if (entry.isDirectory() && entry.name !== 'node_modules' && entry.name !== 'dist') yield* sourceFiles(path)
    else if (/\.(ts|mjs|js)$/.test(entry.name)) yield path
  }
}

function importsOf(file: string): Import[] {
  const text = readFileSync(join(ROOT, file), 'utf8')
  return [...text.matchAll(/\bfrom '([#.][^']+)'|^import '([#.][^']+)'|\bimport\('([#.][^']+)'\)/gm)].map((match) => {
    const target = match[1] ?? match[2] ?? match[3] ?? ''
    return { from: file, to: target.startsWith('#') ? target.slice(1) : normalize(join(dirname(file), target)) }
  })
}

function placeOf(file: string): { row: number; area: string } | undefined {
  for (const [row, areas] of ROWS.entries()) {
    const area = areas.find((name) => file.startsWith(`${name}/`))
    if (area) return { row, area }
  }
  return undefined
}

function isAllowed({ from, to }: Import): boolean {
  if (OF_TESTS.test(from) && to.startsWith('pipelines/testing/')) return true
  return ALLOWED.some(
    (one) => from.startsWith(one.from) && to.startsWith(one.to) && (!one.onlyTests || OF_TESTS.test(from)),
  )
}

function fault({ from, to }: Import): string | undefined {
  if (isAllowed({ from, to })) return undefined
  if (from.startsWith('schemas/check/')) return to.startsWith('schemas/check/') ? undefined : 'the checker stands alone'
  if (from.startsWith('services/integrity/oracle/') && /^(services\/(?!integrity\/oracle\/)|analytics\/)/.test(to)) {
    return 'the verdict is independent of the code it judges'
  }
  if (from.startsWith('services/ordering/grace-period/') && /^services\/ordering\/(?!grace-period\/)/.test(to)) {
    return /^services\/ordering\/store(\/|\.ts)/.test(to)
      ? undefined
      : "grace-period may import ordering's store and nothing else of it"
  }
  const [source, target] = [placeOf(from), placeOf(to)]
  if (!source || !target) return `${source ? to : from} stands in no area`
  if (source.area === target.area || target.row < source.row) return undefined
  if (target.row > source.row) return `${source.area} comes before ${target.area}`
  return ONE_LIBRARY.has(source.area.split('/')[0] ?? '')
    ? undefined
    : `${source.area} and ${target.area} must not know each other`
}

test('imports go one way', () => {
  const files = ['bin', 'schemas', 'pipelines', 'services', 'analytics'].flatMap((folder) => [...sourceFiles(folder)])
  const faults = files
    .flatMap(importsOf)
    .filter(({ from }) => !from.startsWith('bin/'))
    .flatMap((one) => {
      const reason = fault(one)
      return reason ? [`${one.from} imports ${one.to}: ${reason}`] : []
    })
  expect(files.length).toBeGreaterThan(20)
  expect(faults).toEqual([])
})

test('the rule finds what it forbids', () => {
  expect(fault({ from: 'services/basket/app.ts', to: 'services/catalog/store.ts' })).toMatch(/must not know/)
  expect(fault({ from: 'analytics/app.ts', to: 'services/basket/domain.ts' })).toMatch(/must not know/)
  expect(fault({ from: 'pipelines/kernel/log.ts', to: 'pipelines/flow/map.ts' })).toMatch(/comes before/)
  expect(fault({ from: 'pipelines/http/app.ts', to: 'pipelines/tasks/task.ts' })).toMatch(/comes before/)
  expect(fault({ from: 'pipelines/tasks/rest/routes.ts', to: 'pipelines/http/app.ts' })).toBeUndefined()
  expect(fault({ from: 'services/ordering/grace-period/task.ts', to: 'services/ordering/domain.ts' })).toMatch(/store/)
  expect(
    fault({ from: 'services/ordering/grace-period/task.ts', to: 'services/ordering/store/orders.ts' }),
  ).toBeUndefined()
  expect(fault({ from: 'schemas/check/main.ts', to: 'pipelines/kernel/errors.ts' })).toMatch(/alone/)
  expect(fault({ from: 'schemas/check/main.ts', to: 'schemas/codec/codec.ts' })).toMatch(/alone/)
  expect(fault({ from: 'services/integrity/oracle/verdict.ts', to: 'services/e2e/table.ts' })).toMatch(/independent/)
  expect(fault({ from: 'services/integrity/oracle/verdict.ts', to: 'pipelines/kernel/errors.ts' })).toBeUndefined()
  expect(fault({ from: 'services/basket/app.ts', to: 'services/integrity/commands.ts' })).toMatch(/comes before/)
  expect(fault({ from: 'pipelines/stream/consumer.ts', to: 'pipelines/testing/names.ts' })).toMatch(/comes before/)
  expect(fault({ from: 'services/ordering/app.ts', to: 'pipelines/http/service.ts' })).toBeUndefined()
})
