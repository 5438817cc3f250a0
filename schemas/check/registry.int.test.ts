import { randomUUID } from 'node:crypto'
import { Command } from 'commander'
import { describe, expect, inject, test } from 'vitest'
import { RegistryClient } from './against/registry-client.ts'
import { outsideOf } from './commands/outside.ts'
import { registerCommand } from './commands/register.ts'
import { apachePairs, buildOracle, type Pair } from './oracle/java.ts'
import { ours } from './oracle/ours.ts'
import { TestRepository } from './testing/git-repository.ts'
import { field, order } from './testing/order.ts'
import { randomPair } from './testing/random-pair.ts'
import { run } from './testing/run.ts'

/** Given by the test stack; typed here, as this product knows nothing of the rest. */
const url = (inject as (key: string) => string)('registryUrl')
const client = new RegistryClient({ url, timeoutMs: 30_000 })

/** Changes that a shop makes, and what each mode says: whether the new schema reads the old data, and the other way round. */
const CHANGES: Readonly<Record<string, readonly [before: object, after: object]>> = {
  nothing: [order(), order()],
  'a field with a default added': [order(), order([field('note', 'string', { default: '' })])],
  'a field without a default added': [order(), order([field('note', 'string')])],
  'a field with a default removed': [order([field('note', 'string', { default: '' })]), order()],
  'a field without a default removed': [order([field('note', 'string')]), order()],
  'int to long': [order([field('total', 'int')]), order([field('total', 'long')])],
  'long to int': [order([field('total', 'long')]), order([field('total', 'int')])],
  'string to bytes': [order([field('note', 'string')]), order([field('note', 'bytes')])],
  'a field made nullable': [order([field('note', 'string')]), order([field('note', ['string', 'null'])])],
  'an enum symbol added, no default': [order([enumeration(['A'])]), order([enumeration(['A', 'B'])])],
  'an enum symbol added, with a default': [order([enumeration(['A'], 'A')]), order([enumeration(['A', 'B'], 'A')])],
  'a fixed that grew': [order([hash(4)]), order([hash(8)])],
  'a record renamed': [order(), order([], { name: 'Purchase' })],
  'a record renamed with an alias': [order(), order([], { name: 'Purchase', aliases: ['Order'] })],
  'a namespace changed': [order(), order([], { namespace: 'shop.orders' })],
}

function enumeration(symbols: readonly string[], fallback?: string): object {
  return field('kind', {
    type: 'enum',
    name: 'Kind',
    doc: 'A kind.',
    symbols,
    ...(fallback === undefined ? {} : { default: fallback }),
  })
}

function hash(size: number): object {
  return field('hash', { type: 'fixed', name: 'Hash', size })
}

/** Whether the registry takes `after` as the next version of `before`. */
async function registryTakes(before: string, after: string, level: string): Promise<boolean> {
  const subject = `check-${randomUUID()}`
  await client.register(subject, before)
  await client.setLevel(subject, level as never)
  return (await client.accepts(subject, after)).ok
}

describe('the registry and the checker', () => {
  const cases = Object.keys(CHANGES).flatMap((name) =>
    ['BACKWARD', 'FORWARD', 'FULL'].map((mode) => [name, mode] as const),
  )

  test.each(cases)('agree on %s in mode %s', async (name, mode) => {
    const [before, after] = CHANGES[name] as readonly [object, object]
    using repository = new TestRepository()
    repository.write('old/Order.avsc', before)
    repository.write('new/Order.avsc', after)
    const { out } = await run(repository.folder, [
      'check',
      'new',
      '--against',
      'old',
      '--mode',
      mode,
      '--format',
      'json',
    ])
    const { subjects } = JSON.parse(out)
    const [{ canReadOld, oldCanRead }] = subjects[0].verdicts
    const compatible = (mode === 'FORWARD' || canReadOld) && (mode === 'BACKWARD' || oldCanRead)
    expect(compatible).toBe(await registryTakes(JSON.stringify(before), JSON.stringify(after), mode))
  })

  test("agree on the pairs of Apache's own tests and on random ones", async () => {
    buildOracle()
    const pairs: readonly Pair[] = [
      ...apachePairs(),
      ...Array.from({ length: 60 }, (_, index) => randomPair(1000 + index)),
    ]
    const judged = pairs.filter((pair) => ['COMPATIBLE', 'INCOMPATIBLE'].includes(ours(pair).verdict))
    const differing: Pair[] = []
    for (const pair of judged) {
      const [reader, writer] = pair
      if ((await registryTakes(writer, reader, 'BACKWARD')) !== (ours(pair).verdict === 'COMPATIBLE'))
        differing.push(pair)
    }
    expect(judged.length).toBeGreaterThan(200)
    expect(differing).toEqual([])
  }, 240_000)

  test("register sets each subject's level from the config, and then the registry refuses what the check finds", async () => {
    const space = `shop${randomUUID().slice(0, 8)}`
    using repository = new TestRepository()
    repository.write('events/Order.avsc', order([], { namespace: space }))
    repository.write('events/Internal.avsc', order([], { name: 'Internal', namespace: space }))
    repository.write('schema-check.json', { paths: ['events'], overrides: [{ match: '**.Internal', mode: 'FORWARD' }] })
    const before = await levelOf(`${space}.Order`)
    expect(await register(repository.folder, '--dry-run')).toBe(0)
    expect(await levelOf(`${space}.Order`), 'a dry run changes nothing').toBe(before)
    expect(await client.versions(`${space}.Order`)).toEqual([])
    expect(await register(repository.folder)).toBe(0)
    expect(await levelOf(`${space}.Order`)).toBe('FULL_TRANSITIVE')
    expect(await levelOf(`${space}.Internal`)).toBe('FORWARD')
    for (const name of ['Order', 'Internal'])
      repository.write(`events/${name}.avsc`, order([field('more', 'int')], { name, namespace: space }))
    const { code, out } = await run(repository.folder, ['check', '--against', url])
    expect(code).toBe(100)
    expect(out.trim().split('\n')).toEqual([
      expect.stringContaining(`READER_FIELD_MISSING_DEFAULT_VALUE ${space}.Order.more`),
    ])
    expect(await register(repository.folder), 'the registry refuses it as well').toBe(100)
    expect(await client.versions(`${space}.Order`)).toEqual([1])
    expect(await client.versions(`${space}.Internal`), 'nothing is registered unless all is taken').toEqual([1])
  }, 60_000)

  test('a transitive check reads every version that the registry has', async () => {
    const space = `shop${randomUUID().slice(0, 8)}`
    const versions = [
      order([field('total', 'int', { default: 0 })], { namespace: space }),
      order([], { namespace: space }),
    ]
    for (const version of versions) await client.register(`${space}.Order`, JSON.stringify(version))
    using repository = new TestRepository()
    repository.write('Order.avsc', order([field('total', 'string', { default: '' })], { namespace: space }))
    expect((await run(repository.folder, ['check', '--against', url, '--mode', 'FULL'])).code).toBe(0)
    const { code, out } = await run(repository.folder, ['check', '--against', url])
    expect(code).toBe(100)
    expect(out).toContain('type changed from int to string; readers still on v1 fail on new data')
  })

  test('a wrong URL of a server that answers is an error, and no empty history', async () => {
    using repository = new TestRepository()
    repository.write('Order.avsc', order())
    const { code, said } = await run(repository.folder, [
      'check',
      '--against',
      url.replace('/apis/ccompat/v7', '/nowhere'),
    ])
    expect(code).toBe(1)
    expect(said).toContain('the registry')
  })
})

async function register(cwd: string, ...more: readonly string[]): Promise<number> {
  let code = -1
  const outside = outsideOf({ cwd, out: () => {}, say: () => {}, exit: (status) => (code = status) })
  await new Command()
    .addCommand(registerCommand(outside))
    .parseAsync(['register', '--registry', url, ...more], { from: 'user' })
  return code
}

async function levelOf(subject: string): Promise<string> {
  const response = await fetch(`${url}/config/${encodeURIComponent(subject)}`)
  const { compatibilityLevel } = (await response.json()) as { compatibilityLevel: string }
  return compatibilityLevel
}
