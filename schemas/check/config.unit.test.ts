import { describe, expect, test } from 'vitest'
import { TestRepository } from './testing/git-repository.ts'
import { field, order } from './testing/order.ts'
import { run } from './testing/run.ts'

/** Two schemas, of which each gains a field without a default: readable by nobody's old data. */
function broken(config: object): TestRepository {
  const repository = new TestRepository()
  for (const name of ['Order', 'Basket']) repository.write(`${name.toLowerCase()}s/${name}.avsc`, order([], { name }))
  repository.commit()
  for (const name of ['Order', 'Basket'])
    repository.write(`${name.toLowerCase()}s/${name}.avsc`, order([field('more', 'string')], { name }))
  repository.write('schema-check.json', config)
  return repository
}

const CHECK = ['check', '--against', 'git:main']

describe('the config', () => {
  test.each([
    ['NONE', 0],
    ['FORWARD', 0],
    ['FORWARD_TRANSITIVE', 0],
    ['BACKWARD', 100],
    ['BACKWARD_TRANSITIVE', 100],
    ['FULL', 100],
    ['FULL_TRANSITIVE', 100],
  ])('mode %s on an added field without a default exits with %i', async (mode, code) => {
    using repository = broken({ mode })
    expect((await run(repository.folder, CHECK)).code).toBe(code)
    using flagged = broken({})
    expect((await run(flagged.folder, [...CHECK, '--mode', mode.toLowerCase()])).code).toBe(code)
  })

  test('gives another mode to a subject and to a path', async () => {
    using repository = broken({
      overrides: [
        { match: 'shop.Order', mode: 'NONE' },
        { match: 'baskets/**', mode: 'FORWARD' },
      ],
    })
    expect((await run(repository.folder, CHECK)).code).toBe(0)
    using one = broken({ overrides: [{ match: 'shop.Order', mode: 'NONE' }] })
    const { code, out } = await run(one.folder, CHECK)
    expect(code).toBe(100)
    expect(out).not.toContain('shop.Order')
  })

  test('is found upwards from the path that is checked', async () => {
    using repository = broken({ mode: 'NONE' })
    expect((await run(`${repository.folder}/orders`, ['check', '.', '--against', 'git:main'])).code).toBe(0)
  })

  test('names what is checked and what it is compared against', async () => {
    using repository = broken({ paths: ['orders'], against: 'git:main' })
    const { out, said } = await run(repository.folder, ['check'])
    expect(out).toContain('shop.Order.more')
    expect(said).toMatch(/^1 schema against git:main/)
  })

  test('--fail-on warning fails on a warning', async () => {
    using repository = broken({ rules: { READER_FIELD_MISSING_DEFAULT_VALUE: 'warning' } })
    expect((await run(repository.folder, CHECK)).code).toBe(0)
    expect((await run(repository.folder, [...CHECK, '--fail-on', 'warning'])).code).toBe(100)
  })
})

describe('suppression', () => {
  const rule = 'READER_FIELD_MISSING_DEFAULT_VALUE'

  test.each(['shop.Order.more', 'shop.Order', 'orders', 'orders/Order.avsc', 'shop.*.more'])(
    'covers %s',
    async (place) => {
      using repository = broken({
        suppress: [
          { rule, place, reason: 'nobody reads it yet' },
          { rule, place: 'shop.Basket', reason: 'nobody reads it yet' },
        ],
      })
      const { code, said } = await run(repository.folder, CHECK)
      expect(code).toBe(0)
      expect(said).toContain('2 suppressed')
    },
  )

  test('covers its rule and its place alone', async () => {
    using repository = broken({ suppress: [{ rule, place: 'shop.Order', reason: 'nobody reads it yet' }] })
    const { code, out } = await run(repository.folder, CHECK)
    expect(code).toBe(100)
    expect(out.trim().split('\n')).toHaveLength(1)
    expect(out).toContain('shop.Basket.more')
  })

  test('that holds nothing back is a finding at its line', async () => {
    using repository = broken({ mode: 'NONE', suppress: [{ rule, place: 'shop.Order', reason: 'was needed once' }] })
    const { code, out } = await run(repository.folder, CHECK)
    expect(code).toBe(100)
    expect(out).toMatch(/^schema-check\.json:4:5: ERROR SUPPRESSION_UNUSED shop\.Order: /)
  })

  test('for what this run does not check is left alone', async () => {
    using repository = broken({
      suppress: [
        { rule, place: 'shop.Order', reason: 'a' },
        { rule, place: 'shop.Basket', reason: 'b' },
      ],
    })
    expect((await run(repository.folder, ['check', 'orders', '--against', 'git:main'])).code).toBe(0)
  })

  test('counts up to its last day, and is a finding the day after', async () => {
    const suppress = ['Order', 'Basket'].map((name) => ({
      rule,
      place: `shop.${name}`,
      reason: 'until the move',
      expires: '2026-11-22',
    }))
    using repository = broken({ suppress })
    expect((await run(repository.folder, CHECK, { today: '2026-11-22' })).code).toBe(0)
    const { code, out } = await run(repository.folder, CHECK, { today: '2026-11-23' })
    expect(code).toBe(100)
    expect(out.match(/SUPPRESSION_EXPIRED/g)).toHaveLength(2)
    expect(out.match(new RegExp(rule, 'g'))?.length).toBeGreaterThanOrEqual(2)
  })
})
