import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { isPublic, publicLookup } from './addresses.ts'
import { type AlertState, decide, initialState, type Telling } from './decide.ts'
import { OWN_RULES, readRules, ruleOf } from './read.ts'
import { numberOf } from './value.ts'

const RULE = {
  side: 'above',
  threshold: 10,
  clearAt: 5,
  forMs: 0,
  clearForMs: 0,
  repeatMs: 1_000_000,
  noData: 'keep',
} as const

/** What is told when a number comes in every second. */
function told(
  rule: Parameters<typeof decide>[0],
  values: readonly (number | undefined)[],
): readonly (Telling | undefined)[] {
  let state: AlertState = initialState(0)
  return values.map((value, second) => {
    const decision = decide(rule, state, value, second * 1_000)
    state = decision.state
    return decision.tell
  })
}

describe('an alert', () => {
  it('fires when the threshold is crossed and is over only when it is back at clearAt', () => {
    expect(told(RULE, [10, 11, 9, 11, 6, 5, 6, 11])).toEqual([
      undefined,
      'firing',
      undefined,
      undefined,
      undefined,
      'resolved',
      undefined,
      'firing',
    ])
  })

  it('looks the other way with below', () => {
    expect(told({ ...RULE, side: 'below', threshold: 5, clearAt: 10 }, [5, 4, 9, 10])).toEqual([
      undefined,
      'firing',
      undefined,
      'resolved',
    ])
  })

  it('waits for the crossing to last, and for its end to last', () => {
    const rule = { ...RULE, forMs: 2_000, clearForMs: 2_000 }
    expect(told(rule, [11, 11, 4, 11, 11, 11, 4, 4, 11, 4, 4, 4])).toEqual([
      ...Array(5).fill(undefined),
      'firing',
      ...Array(5).fill(undefined),
      'resolved',
    ])
  })

  it('is told again while it goes on', () => {
    expect(told({ ...RULE, repeatMs: 2_000 }, [11, 11, 11, 11, 11])).toEqual([
      'firing',
      undefined,
      'still firing',
      undefined,
      'still firing',
    ])
  })

  it('does what the rule says when there is no data', () => {
    expect(told(RULE, [11, undefined, undefined])).toEqual(['firing', undefined, undefined])
    expect(told({ ...RULE, noData: 'ok' }, [11, undefined])).toEqual(['firing', 'resolved'])
    expect(told({ ...RULE, noData: 'fire' }, [undefined, 4])).toEqual(['firing', 'resolved'])
  })

  it('tells firing and resolved in turns, whatever the numbers, and never between the two thresholds', () => {
    fc.assert(
      fc.property(
        fc.array(fc.option(fc.integer({ min: 0, max: 15 }), { nil: undefined })),
        fc.nat(3),
        fc.nat(3),
        (values, forS, clearS) => {
          const tellings = told({ ...RULE, forMs: forS * 1_000, clearForMs: clearS * 1_000 }, values)
          const heard = tellings.filter((one) => one !== undefined)
          heard.forEach((one, at) => {
            expect(one).toBe(at % 2 === 0 ? 'firing' : 'resolved')
          })
          tellings.forEach((one, at) => {
            if (one === 'firing') expect(values[at]).toBeGreaterThan(10)
            if (one === 'resolved') expect(values[at]).toBeLessThanOrEqual(5)
          })
        },
      ),
    )
  })
})

describe('a rule', () => {
  it('of ours is right, and names a panel', async () => {
    expect((await readRules([OWN_RULES], {})).map(({ name }) => name)).toEqual([
      'dead-letters',
      'missing-events',
      'order-stands-still',
    ])
  })

  it('has sensible values for what is left out', () => {
    expect(ruleOf('a', '{"panel":"p","above":3}', {})).toMatchObject({
      reduce: 'max',
      side: 'above',
      threshold: 3,
      clearAt: 3,
      everyMs: 30_000,
      windowMs: 900_000,
      noData: 'keep',
      webhook: undefined,
    })
    expect(ruleOf('a', '{"panel":"p","below":3,"webhook":"$HOOK"}', { HOOK: 'https://hooks.example/x' })).toMatchObject(
      {
        webhook: 'https://hooks.example/x',
      },
    )
  })

  it.each([
    ['{', /JSON/],
    ['{"panel":"p"}', /either above or below/],
    ['{"panel":"p","above":1,"below":1}', /either above or below/],
    ['{"panel":"p","above":1,"clearAt":2}', /wrong side/],
    ['{"panel":"p","above":1,"for":"soon"}', /for/],
    ['{"panel":"p","above":1,"every":"1s"}', /less than 5s/],
    ['{"panel":"p","above":1,"treshold":2}', /treshold is not known/],
    ['{"panel":"p","above":1,"webhook":"$NOPE"}', /\$NOPE.*environment/],
    ['{"panel":"p","above":1,"webhook":"hooks"}', /no address/],
  ])('%s is refused', (text, why) => {
    expect(ruleOf('a', text, {})).toMatch(why)
  })
})

it('takes the number that the rule means', () => {
  const answer = {
    columns: [
      { name: 'time', type: 'DateTime' },
      { name: 'a', type: 'UInt64' },
      { name: 'b', type: 'Nullable(Float64)' },
    ],
    rows: [
      ['x', '9007199254740993', 1],
      ['y', 2, null],
      ['z', 3, 4],
    ],
    truncated: false,
    statistics: { elapsedMs: 0, rowsRead: 0, bytesRead: 0 },
  }
  const value = (reduce: 'max' | 'min' | 'sum' | 'avg' | 'first' | 'last' | 'rows', column?: string) =>
    numberOf(answer, { reduce, column })
  expect([value('max'), value('min'), value('sum'), value('avg'), value('first'), value('last')]).toEqual([
    4, 1, 5, 2.5, 1, 4,
  ])
  expect([value('last', 'a'), value('rows')]).toEqual([3, 3])
  expect(numberOf({ ...answer, rows: [] }, { reduce: 'max', column: undefined })).toBeUndefined()
  expect(() => value('max', 'c')).toThrow(/it has time, a, b/)
})

describe('an address', () => {
  it.each([
    '127.0.0.1',
    '10.1.2.3',
    '172.16.0.1',
    '172.31.255.255',
    '192.168.1.1',
    '169.254.169.254',
    '100.64.0.1',
    '0.0.0.0',
    '224.0.0.1',
    '255.255.255.255',
    '198.18.0.1',
    '::1',
    '::',
    '::ffff:127.0.0.1',
    '::ffff:10.0.0.1',
    'fe80::1',
    'fe80::1%eth0',
    'fc00::1',
    'fd12::1',
    '64:ff9b::7f00:1',
    '2002:7f00:1::',
    '2001:db8::1',
    '2001:0:1::',
    'ff02::1',
    'localhost',
    '',
    '1.2.3',
  ])('%s is not public', (address) => expect(isPublic(address)).toBe(false))

  it.each(['8.8.8.8', '172.32.0.1', '100.128.0.1', '2606:4700::1111', '2a00:1450:4001:80b::200e'])('%s is', (address) =>
    expect(isPublic(address)).toBe(true),
  )

  it('is looked at where the connection gets it, each time, and one private one refuses all', async () => {
    const answers = [
      [{ address: '8.8.8.8', family: 4 }],
      [{ address: '127.0.0.1', family: 4 }],
      [
        { address: '8.8.8.8', family: 4 },
        { address: '::1', family: 6 },
      ],
    ]
    let asked = 0
    const look = publicLookup(async () => answers[asked++] ?? [])
    const once = () =>
      new Promise((resolve) =>
        look('rebind.example', { all: true }, (error, addresses) =>
          resolve(error ? (error as { code?: string }).code : addresses),
        ),
      )
    expect(await once()).toEqual(answers[0])
    expect(await once()).toBe('WEBHOOK_ADDRESS_REFUSED')
    expect(await once()).toBe('WEBHOOK_ADDRESS_REFUSED')
    expect(await once()).toBe('WEBHOOK_ADDRESS_REFUSED') // a name without any address
  })
})
