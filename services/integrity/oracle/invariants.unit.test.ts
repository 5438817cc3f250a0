import { describe, expect, test } from 'vitest'
import { INVARIANTS } from './evidence.ts'
import { findingsAtOnce, findingsIn, invariants } from './invariants.ts'
import { countsOf, reportOf } from './report.ts'
import { storyOf } from './story.ts'
import { ORDER, paidShop } from './testing/evidence.ts'
import { payment, shop, TOO_EARLY, WRONG } from './testing/wrong.ts'

test('a shop in which all is right has no findings', () => {
  expect(findingsIn(paidShop())).toEqual([])
  expect(Object.values(countsOf([]))).toEqual(INVARIANTS.map(() => 0))
})

test('a copy of an event, under a new id or the same, is nothing wrong', () => {
  const right = paidShop()
  const copies = right.records.map((one, index) => ({
    ...one,
    offset: 1,
    eventId: index % 2 ? one.eventId : `again-${index}`,
    value: { ...one.value, attempt: 2 },
  }))
  const records = [
    ...right.records,
    ...copies.map((one) =>
      one.eventId.startsWith('again')
        ? one
        : { ...one, value: right.records.find(({ eventId }) => eventId === one.eventId)?.value ?? {} },
    ),
  ]
  const events = records.map(({ topic, partition, offset, type, eventId, key }) => ({
    topic,
    partition,
    offset,
    type,
    eventId,
    orderId: key,
  }))
  expect(findingsIn({ ...right, records, clickhouse: { ...right.clickhouse, events } })).toEqual([])
})

describe('what is wrong is found', () => {
  test.each(WRONG)('%s', (_name, invariant, evidence, says) => {
    const found = findingsIn(evidence).filter((finding) => finding.invariant === invariant)
    expect(found.map((finding) => finding.says).join('\n')).toMatch(says)
  })

  test('every invariant is proved able to fail', () => {
    expect(new Set(WRONG.map(([, invariant]) => invariant))).toEqual(new Set(INVARIANTS))
    expect(invariants.map(({ name }) => name)).toEqual(INVARIANTS)
  })
})

describe('between any two steps', () => {
  test('a shop in which all is right has no findings, nor one that is on its way', () => {
    expect(findingsAtOnce(paidShop())).toEqual([])
    const submitted = shop(({ ordering, catalog: { movements, ...books }, payment: money, records }) => ({
      ordering: {
        ...ordering,
        orders: ordering.orders.map((one) => ({ ...one, status: 'Submitted', version: 2 })),
        steps: ordering.steps.slice(0, 2),
      },
      catalog: {
        ...books,
        movements: movements.slice(0, 1),
        stock: movements.slice(0, 1).map(({ productId, available, reserved, sold, stockVersion }) => ({
          ...{ productId, available, reserved, sold, stockVersion },
        })),
        reservations: [],
      },
      payment: { ...money, payments: [], charges: [], refunds: [] },
      records: records.slice(0, 2),
      outbox: [
        {
          ...{ part: 'ordering', id: 2, topic: 'submitted-orders', key: ORDER, eventId: 'e' },
          ...{ type: 'OrderStatusChangedToSubmitted', sent: false },
        },
      ],
    }))
    expect(findingsAtOnce(submitted)).toEqual([])
    expect(findingsIn(submitted)).not.toEqual([])
  })

  test.each(TOO_EARLY)('%s', (_name, invariant, evidence, says) => {
    const found = findingsAtOnce(evidence).filter((finding) => finding.invariant === invariant)
    expect(found.map((finding) => finding.says).join('\n')).toMatch(says)
  })

  test('what is wrong at once for an invariant is among its findings at the end, if it is still so', () => {
    const lasting = ['accepted', 'doubled', 'oversold', 'charged twice', 'illegal path']
    for (const [name, invariant, evidence] of WRONG.filter(([, one]) => lasting.includes(one)))
      expect(findingsAtOnce(evidence), name).toEqual(expect.arrayContaining([expect.objectContaining({ invariant })]))
  })
})

test('the report has a line for every invariant, and the whole history of the order in question', () => {
  const evidence = shop((right) => payment(right, { charges: [] }))
  const report = reportOf(findingsIn(evidence), evidence)
  for (const name of INVARIANTS) expect(report).toMatch(new RegExp(`^(ok   |WRONG) ${name} +\\d+`, 'm'))
  expect(report).toContain(`History of ${ORDER}`)
  expect(storyOf(ORDER, evidence).length).toBeGreaterThan(20)
  for (const line of storyOf(ORDER, evidence)) expect(report).toContain(line)
})
