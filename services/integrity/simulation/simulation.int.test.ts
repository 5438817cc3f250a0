import { afterAll, afterEach, beforeAll, describe, expect, inject, test } from 'vitest'
import type { InvariantName } from '../oracle/evidence.ts'
import { statementOf } from '../oracle/tables.ts'
import { scenarioOf, simulateMany, tell } from './batch.ts'
import { type Lane, openLane } from './lane.ts'
import { simulate, type Watching } from './run.ts'
import { PARTS, type PartName, type Scenario } from './scenario.ts'

const SEED = Number(process.env.SEED ?? Math.floor(Math.random() * 1e9))
const RUNS = Number(process.env.RUNS ?? 40)
const serverUrl = inject('postgresUrl')

/** An order that is paid and shipped, with nothing in between. */
const PLAIN: Scenario = {
  seed: 5,
  orders: [{ number: 0, lines: [{ product: 0, quantity: 2 }], paymentToken: 'tok_visa' }],
  shelf: [9],
  spices: [{ at: 60, kind: 'ship', order: 0 }],
}

interface Wrong {
  readonly part: PartName
  readonly breaks: InvariantName
  /** Rows once it can be done. */
  readonly when: string
  readonly wrong: string
  readonly right: string
}

const SUBMITTED = `select from orders where status = 'Submitted'`

/** Each is undone before the next step, so that no later look could find it. */
const WRONG_FOR_A_MOMENT: readonly (readonly [string, Wrong])[] = [
  [
    'an order that counts as paid before it is',
    {
      ...{ part: 'ordering', breaks: 'unbalanced', when: SUBMITTED },
      wrong: `update orders set status = 'Paid' where status = 'Submitted'`,
      right: `update orders set status = 'Submitted' where status = 'Paid'`,
    },
  ],
  [
    'an order ahead of its steps',
    {
      ...{ part: 'ordering', breaks: 'illegal path', when: SUBMITTED },
      wrong: 'update orders set version = version + 1',
      right: 'update orders set version = version - 1',
    },
  ],
  [
    'a unit that no movement explains',
    {
      ...{ part: 'catalog', breaks: 'oversold', when: `select from reservations where status = 'RESERVED'` },
      wrong: 'update stock set available = available + 1',
      right: 'update stock set available = available - 1',
    },
  ],
  [
    'money captured under a key that is no order',
    {
      ...{ part: 'payment', breaks: 'charged twice', when: `select from payments where status = 'CHARGING'` },
      wrong: `insert into provider.charges (key, amount_minor, currency, calls, captured_at) select order_id::text, 1, 'EUR', 1, now() from payments`,
      right: 'delete from provider.charges',
    },
  ],
  [
    'an event that is marked sent before the broker has it',
    {
      ...{ part: 'ordering', breaks: 'lost', when: 'select from outbox where sent_at is null' },
      wrong: `update outbox set sent_at = 'epoch' where sent_at is null`,
      right: `update outbox set sent_at = null where sent_at = 'epoch'`,
    },
  ],
  [
    "a customer's next basket without its lines",
    {
      ...{ part: 'basket', breaks: 'accepted', when: `select from checkouts` },
      wrong: `update baskets set customer_id = 'x' || customer_id where status = 'Open'`,
      right: `update baskets set customer_id = substr(customer_id, 2) where status = 'Open' and customer_id like 'x%'`,
    },
  ],
]

test(`${RUNS} seeded runs of the real handlers from ${SEED}: in every order of steps, whatever dies, all ends well`, async () => {
  const { failed, runs, orders, steps, ends } = await simulateMany(serverUrl, { from: SEED, runs: RUNS })
  console.log(`${runs} runs, ${orders} orders, ${steps} steps: ${JSON.stringify(ends)}`)
  expect(failed && tell(failed)).toBeUndefined()
  expect(runs).toBe(RUNS)
})

describe('one run', () => {
  let lane: Lane
  beforeAll(async () => {
    lane = await openLane(serverUrl)
  })
  afterAll(() => lane?.close())
  afterEach(() => lane.empty())

  test('does the same again with its seed, step by step', async () => {
    for (const seed of [SEED, SEED + 1]) {
      const [first, second] = [await simulate(lane, scenarioOf(seed)), await simulate(lane, scenarioOf(seed))]
      expect(second.history, `seed ${seed}`).toEqual(first.history)
      expect(first.history.length).toBeGreaterThan(15)
    }
  })

  test('is judged after every step, by what all stores say at that moment', async () => {
    let looks = 0
    const run = await simulate(lane, scenarioOf(SEED + 2), {
      async onLook(evidence, shop) {
        looks += 1
        const values = [shop.orderIds, shop.customers, shop.productIds]
        for (const part of PARTS) {
          const { outbox, deadLetters, ...own } = (await lane.read(part, statementOf(part), values)) as {
            outbox: object[]
            deadLetters: object[]
          }
          expect(timeless(evidence[part]), part).toMatchObject(timeless(own))
          const ofPart = (rows: readonly { part: string }[]) => rows.filter((row) => row.part === part)
          expect(ofPart(evidence.outbox)).toEqual(outbox.map((row) => ({ ...row, part })))
          expect(ofPart(evidence.deadLetters)).toEqual(deadLetters.map((row) => ({ ...row, part })))
        }
      },
    })
    expect(run.findings, tell(run)).toEqual([])
    const steps = run.history.filter((line) => line !== '* everybody who misses something says so')
    expect(looks).toBe(steps.length)
  })

  test.each(WRONG_FOR_A_MOMENT)('%s is found, although it is right again a step later', async (_name, wrong) => {
    const unseen = await simulate(lane, PLAIN, { afterEveryStep: false, meddle: once(lane, wrong) })
    expect(unseen.findings, tell(unseen)).toEqual([])
    await lane.empty()
    const { findings, history } = await simulate(lane, PLAIN, { meddle: once(lane, wrong) })
    expect(findings.map(({ invariant }) => invariant)).toContain(wrong.breaks)
    expect(history.length).toBeLessThan(unseen.history.length)
  })
})

/** What depends on when one looks. */
function timeless(tables: object): object {
  return JSON.parse(JSON.stringify(tables, (key, value) => (/^(since|dueSince)S$/.test(key) ? undefined : value)))
}

/** Does it after the first step at which there is something to do it to. */
function once(lane: Lane, { part, when, wrong, right }: Wrong): NonNullable<Watching['meddle']> {
  let done = false
  return async () => {
    const database = lane.databases[part]
    if (done || (await database.query(when)).length === 0) return undefined
    done = true
    await database.query(wrong)
    return () => database.query(right)
  }
}
