import { readFileSync } from 'node:fs'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, describe, expect, it } from 'vitest'
import { type EventSchema, eventSchemas } from '#schemas/generated/events.ts'
import { consumedTopics, keyOf, publishedEvents, topicOf } from './bindings.ts'
import { flowChart, flowTable, withChart } from './chart.ts'
import { flowCommand } from './commands.ts'
import { type Topic, topicNames, topics } from './map.ts'
import { flowProblems } from './problems.ts'

describe('the map', () => {
  it('is sound', () => {
    expect(flowProblems(topics, eventSchemas)).toEqual([])
  })

  it('knows topic and key of each event, and what each part reads and writes', () => {
    expect(topicOf('OrderStockRejected')).toBe('order-stock-statuses')
    expect(keyOf({ type: 'ProductPriceChanged', productId: 'p1' } as { type: 'ProductPriceChanged' })).toBe('p1')
    expect(consumedTopics('basket')).toEqual(['orders', 'product-price-changes'])
    expect(publishedEvents('catalog')).toEqual([
      'OrderStockConfirmed',
      'OrderStockRejected',
      'ProductPriceChanged',
      'ProductStockChanged',
    ])
  })
})

describe('a flaw in the map is named', () => {
  const schema = (over: Partial<EventSchema> = {}): EventSchema => ({
    topic: 'things',
    fullName: 'eshop.x.ThingMade',
    schema: JSON.stringify({
      type: 'record',
      name: 'ThingMade',
      fields: [
        { name: 'orderId', type: { type: 'string', logicalType: 'uuid' } },
        { name: 'count', type: 'int' },
      ],
    }),
    sensitivePaths: [],
    ...over,
  })
  const topic = (over: Partial<Topic> = {}): Topic => ({
    events: ['OrderStarted'],
    key: 'orderId',
    producer: 'ordering',
    consumers: ['analytics'],
    because: 'a test',
    ...over,
  })
  const problemsOf = (map: Record<string, Topic>, schemas: Record<string, EventSchema>) =>
    flowProblems(map, schemas).map(({ where, problem }) => `${where} ${problem}`)
  const sound = { OrderStarted: schema() }

  it.each<[string, Record<string, Topic>, Record<string, EventSchema>]>([
    ['things has no consumer', { things: topic({ consumers: [] }) }, sound],
    ['things carries no event', { things: topic({ events: [] }) }, {}],
    ['things carries OrderStarted, which has no schema', { things: topic() }, {}],
    [
      'things carries OrderStarted, whose schema belongs to others',
      { things: topic() },
      { OrderStarted: schema({ topic: 'others' }) },
    ],
    ['things has the key thingId, which OrderStarted does not have', { things: topic({ key: 'thingId' }) }, sound],
    ['things has the key count, which is no string in OrderStarted', { things: topic({ key: 'count' }) }, sound],
    ['things has an unknown producer, nobody', { things: topic({ producer: 'nobody' as 'external' }) }, sound],
    ['things has an unknown consumer, nobody', { things: topic({ consumers: ['nobody' as 'tasks'] }) }, sound],
    ['things is read by its own producer, ordering', { things: topic({ consumers: ['ordering'] }) }, sound],
    ['things names a consumer twice', { things: topic({ consumers: ['payment', 'payment'] }) }, sound],
    ['things has a retention that is not positive', { things: topic({ retentionMs: 0 }) }, sound],
    [
      'things keeps OrderStarted for ever, with address in it',
      { things: topic() },
      { OrderStarted: schema({ sensitivePaths: ['address'] }) },
    ],
    ['OrderPaid is carried by no topic', { things: topic() }, { ...sound, OrderPaid: schema() }],
  ])('%s', (problem, map, schemas) => {
    expect(problemsOf(map, schemas)).toEqual([problem])
  })

  it('an event in two topics, and a name Kafka would take but nobody could type', () => {
    expect(problemsOf({ things: topic(), Things_2: topic() }, sound)).toEqual([
      'Things_2 is no name for a topic: lower-case letters, digits and dashes',
      'Things_2 carries OrderStarted, whose schema belongs to things',
      'OrderStarted is carried by things and Things_2',
    ])
  })
})

describe('the chart', () => {
  it('draws every topic', () => {
    const chart = flowChart(topics)
    for (const name of topicNames) expect(chart).toContain(` ${name} `)
    expect(chart).toContain('basket -- order-checkouts --> ordering')
  })

  it('lists every topic with its events in the table', () => {
    const table = flowTable(topics)
    for (const name of topicNames) expect(table).toContain(`| \`${name}\` | ${topics[name].events.join(', ')} |`)
    expect(table).toContain('30 days')
  })

  it('in the README is the one of the map: run `eshop flow chart --write`', () => {
    const readme = readFileSync(join(import.meta.dirname, '../../README.md'), 'utf8')
    expect(withChart(readme, topics)).toBe(readme)
  })
})

describe('eshop flow', () => {
  afterEach(() => {
    process.exitCode = 0
  })
  const run = async (...args: string[]) => {
    let text = ''
    await flowCommand((more) => {
      text += more
    })
      .exitOverride()
      .parseAsync(args, { from: 'user' })
    return text
  }

  it('check says that all is well, or [] to machines', async () => {
    expect(await run('check')).toMatch(/^15 topics, 18 events, all is well\n$/)
    expect(JSON.parse(await run('check', '--json'))).toEqual([])
    expect(process.exitCode ?? 0).toBe(0)
  })

  it('show prints the map, for people and machines', async () => {
    expect(await run('show')).toBe(flowTable(topics))
    expect(JSON.parse(await run('show', '--json'))).toEqual(JSON.parse(JSON.stringify(topics)))
  })

  it('chart writes between the marks of a file, once, and refuses a file without', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'flow-'))
    try {
      const [marked, bare] = [join(folder, 'a.md'), join(folder, 'b.md')]
      await writeFile(marked, 'before\n<!-- flow: made -->\nold\n<!-- /flow -->\nafter\n')
      await writeFile(bare, 'nothing\n')
      expect(await run('chart', '--write', marked)).toContain('written')
      expect(await run('chart', '--write', marked)).toContain('was up to date')
      const text = await readFile(marked, 'utf8')
      expect(text).toBe(
        `before\n<!-- flow: made -->\n\n\`\`\`mermaid\n${flowChart(topics)}\`\`\`\n\n<!-- /flow -->\nafter\n`,
      )
      await expect(run('chart', '--write', bare)).rejects.toMatchObject({ code: 'FLOW_MARKS_MISSING' })
      await expect(run('chart', '--write', join(folder, 'c.md'))).rejects.toMatchObject({ code: 'FLOW_FILE_MISSING' })
    } finally {
      await rm(folder, { recursive: true })
    }
  })
})
