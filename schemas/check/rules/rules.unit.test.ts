import { describe, expect, test } from 'vitest'
import { checkCompatibility } from '../compat/check-compatibility.ts'
import { TestRepository } from '../testing/git-repository.ts'
import { field, order } from '../testing/order.ts'
import { run } from '../testing/run.ts'
import { RULES } from './catalogue.ts'
import type { FlowMapData } from './flow-map.ts'

const MAP: FlowMapData = { topics: { orders: { events: ['Order'], key: 'orderId' } } }
const DECIMAL = { type: 'bytes', logicalType: 'decimal', precision: 9, scale: 2 }
const CHANNEL = { type: 'enum', name: 'Channel', doc: 'Where.', symbols: ['WEB', 'API', 'UNKNOWN'], default: 'UNKNOWN' }
const NOT_FIRST = field('note', ['string', 'null'], { default: null })

/** Each rule with a change that breaks it, before and after. A rule about one schema has the same before and after. */
const CASES: Readonly<Record<string, readonly [before: object, after: object]>> = {
  READER_FIELD_MISSING_DEFAULT_VALUE: [order(), order([field('channel', 'string')])],
  TYPE_MISMATCH: [order([field('total', 'long')]), order([field('total', 'int')])],
  NAME_MISMATCH: [order([field('to', order([], { name: 'A' }))]), order([field('to', order([], { name: 'B' }))])],
  FIXED_SIZE_MISMATCH: [
    order([field('hash', { type: 'fixed', name: 'Hash', size: 4 })]),
    order([field('hash', { type: 'fixed', name: 'Hash', size: 8 })]),
  ],
  MISSING_ENUM_SYMBOLS: [
    order([field('channel', { ...CHANNEL, default: undefined })]),
    order([field('channel', { ...CHANNEL, symbols: ['WEB'], default: undefined })]),
  ],
  MISSING_UNION_BRANCH: [order([field('note', ['null', 'string'])]), order([field('note', ['null', 'string', 'int'])])],
  AMBIGUOUS_ALIAS: [order([field('a', 'int'), field('b', 'int')]), order([field('b', 'int', { aliases: ['a'] })])],
  LOGICAL_TYPE_CHANGED: [
    order([field('at', { type: 'long', logicalType: 'timestamp-millis' })]),
    order([field('at', { type: 'long', logicalType: 'timestamp-micros' })]),
  ],
  DECIMAL_SCALE_CHANGED: [order([field('total', DECIMAL)]), order([field('total', { ...DECIMAL, scale: 4 })])],
  DECIMAL_PRECISION_CHANGED: [order([field('total', DECIMAL)]), order([field('total', { ...DECIMAL, precision: 12 })])],
  NAMESPACE_CHANGED: [order(), order([], { namespace: 'shop.orders' })],
  DEFAULT_CHANGED: [order([field('attempt', 'int', { default: 1 })]), order([field('attempt', 'int', { default: 0 })])],
  FIELD_RENAMED_WITHOUT_ALIAS: [
    order([field('buyerId', 'string', { default: '' })]),
    order([field('customerId', 'string', { default: '' })]),
  ],
  ENUM_SYMBOL_REMOVED: [
    order([field('channel', CHANNEL)]),
    order([field('channel', { ...CHANNEL, symbols: ['WEB', 'UNKNOWN'] })]),
  ],
  ENUM_SYMBOLS_REORDERED: [
    order([field('channel', CHANNEL)]),
    order([field('channel', { ...CHANNEL, symbols: ['API', 'WEB', 'UNKNOWN'] })]),
  ],
  SENSITIVE_MARK_REMOVED: [
    order([field('street', 'string', { 'x-sensitive': true })]),
    order([field('street', 'string')]),
  ],
  KEY_FIELD_TYPE_CHANGED: [
    { ...order(), fields: [field('orderId', 'int')] },
    { ...order(), fields: [field('orderId', 'long')] },
  ],
  KEY_FIELD_MISSING: [
    { ...order(), fields: [] },
    { ...order(), fields: [] },
  ],
  EVENT_WITHOUT_TOPIC: [order([], { name: 'Lost' }), order([], { name: 'Lost' })],
  ENUM_WITHOUT_DEFAULT: [
    order([field('channel', { ...CHANNEL, default: undefined })]),
    order([field('channel', { ...CHANNEL, default: undefined })]),
  ],
  UNION_DEFAULT_NOT_FIRST: [order([NOT_FIRST]), order([NOT_FIRST])],
  DOC_MISSING: [order([{ name: 'a', type: 'int' }]), order([{ name: 'a', type: 'int' }])],
  SENSITIVE_FIELD_UNMARKED: [order([field('cardNumber', 'string')]), order([field('cardNumber', 'string')])],
  NOT_PORTABLE: [order([field('größe', 'int')]), order([field('größe', 'int')])],
}

/** The rules that do not come from a pair of files; their tests are elsewhere. */
const ELSEWHERE = ['SCHEMA_REMOVED', 'HISTORY_UNREADABLE', 'SUPPRESSION_UNUSED', 'SUPPRESSION_EXPIRED']

/** An example as a file of its own: fields stand in the record Order. */
function writeExample(repository: TestRepository, example: string): void {
  if (example === '(no file)') repository.remove('Order.avsc')
  else if (example.startsWith('{"rule"')) repository.write('schema-check.json', `{"suppress": [${example}]}`)
  else if (example.startsWith('{"name"'))
    repository.write('Order.avsc', `{"type": "record", "name": "Order", "fields": [${example}]}`)
  else repository.write('Order.avsc', example)
}

async function found(
  before: object,
  after: object,
  config: object = {},
): Promise<readonly { rule: string; level: string }[]> {
  using repository = new TestRepository()
  repository.write('old/Order.avsc', before)
  repository.write('new/Order.avsc', after)
  repository.write('schema-check.json', config)
  const { out, said } = await run(repository.folder, ['check', 'new', '--against', 'old', '--format', 'json'], {
    map: MAP,
  })
  if (out === '') throw new TypeError(said)
  return JSON.parse(out).findings
}

describe('rules', () => {
  test('every rule has a case', () => {
    expect([...Object.keys(CASES), ...ELSEWHERE].sort()).toEqual(RULES.map(({ id }) => id).sort())
  })

  test.each(Object.entries(CASES))(
    '%s is found, and can be switched off and given a level',
    async (rule, [before, after]) => {
      const plain = await found(before, after)
      expect(plain.map((finding) => finding.rule)).toContain(rule)
      expect((await found(before, after, { rules: { [rule]: 'off' } })).map((finding) => finding.rule)).not.toContain(
        rule,
      )
      const flipped = plain.find((finding) => finding.rule === rule)?.level === 'error' ? 'warning' : 'error'
      const changed = await found(before, after, { rules: { [rule]: flipped } })
      expect(changed.find((finding) => finding.rule === rule)?.level).toBe(flipped)
    },
  )

  test.each(RULES)('the example that explain gives of $id is found by that rule', async ({ id, example }) => {
    using repository = new TestRepository()
    repository.write('Other.avsc', order([], { name: 'Other' }))
    const [before, after = before] = example
    writeExample(repository, before)
    repository.commit()
    writeExample(repository, after)
    const { out } = await run(repository.folder, ['check', '--against', 'git:main', '--format', 'json'], { map: MAP })
    const rules: readonly { rule: string }[] = JSON.parse(out).findings
    expect(rules.map(({ rule }) => rule)).toContain(id)
  })

  test('a harmless change is found by no rule', async () => {
    expect(await found(order(), order([field('note', ['null', 'string'], { default: null })]))).toEqual([])
  })

  test('an alias makes a rename one field, and a move to another namespace one type', async () => {
    const renamed = order([field('customerId', 'string', { default: '', aliases: ['buyerId'] })])
    expect(await found(order([field('buyerId', 'string', { default: '' })]), renamed)).toEqual([])
    expect(await found(order(), order([], { namespace: 'moved', aliases: ['shop.Order'] }))).toEqual([])
  })

  test('a mark covers what lies inside, and a brand or the last four digits are no card number', async () => {
    const card = { type: 'record', name: 'Card', doc: 'A card.', fields: [field('cvv', 'string')] }
    const fields = [
      field('card', card, { 'x-sensitive': true }),
      field('cardLast4', 'string'),
      field('cardBrand', 'string'),
      field('tokens', 'int'),
    ]
    expect(await found(order(fields), order(fields))).toEqual([])
  })

  test.each([
    'pan',
    'cvv',
    'card_number',
    'CardNo',
    'securityCode',
    'accessToken',
    'apiKey',
    'userPassword',
    'clientSecret',
    'IBAN',
  ])('the name %s looks sensitive', async (name) => {
    const rules = (await found(order([field(name, 'string')]), order([field(name, 'string')]))).map(({ rule }) => rule)
    expect(rules).toEqual(['SENSITIVE_FIELD_UNMARKED'])
  })

  test('a break inside a branch of a union is told at the field inside', () => {
    const line = (more: readonly object[]) => [
      'null',
      { type: 'record', name: 'Line', doc: 'A line.', fields: [field('sku', 'string'), ...more] },
    ]
    const { findings } = checkCompatibility(
      JSON.stringify(order([field('line', line([field('count', 'int')]))]), null, 2),
      JSON.stringify(order([field('line', line([]))])),
    )
    expect(findings).toHaveLength(1)
    expect(findings[0]).toMatchObject({
      rule: 'READER_FIELD_MISSING_DEFAULT_VALUE',
      type: 'MISSING_UNION_BRANCH',
      location: '/fields/1/type/1',
      field: 'line.count',
    })
  })
})
