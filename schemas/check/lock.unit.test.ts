import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { TestRepository } from './testing/git-repository.ts'
import { field, order } from './testing/order.ts'
import { run } from './testing/run.ts'

const LOCK = 'schema-check.lock.json'

/** A repository with three versions of a schema; the first can be read by none that drops the default. */
function threeVersions(): TestRepository {
  const repository = new TestRepository()
  for (const fields of [[], [field('total', 'long', { default: 0 })], [field('note', 'string', { default: '' })]]) {
    repository.write('schemas/Order.avsc', order(fields))
    repository.commit()
  }
  return repository
}

describe('the lock file', () => {
  test('takes the whole history of git, and then serves where there is no git', async () => {
    using repository = threeVersions()
    const written = await run(repository.folder, ['lock'])
    expect(written).toMatchObject({ code: 0, said: `${LOCK}: 1 schema, 3 versions\n` })
    repository.write('schemas/Order.avsc', order([field('total', 'string', { default: '' })]))
    const byGit = await run(repository.folder, ['check', '--against', 'git:main'])
    repository.git('checkout', '-q', '--orphan', 'without-history')
    const byLock = await run(repository.folder, ['check', '--against', LOCK])
    expect(byLock.code).toBe(100)
    expect(byLock.out).toBe(byGit.out)
    expect(byLock.out).toContain('readers still on v2 fail on new data')
  })

  test('keeps the line of what is gone', async () => {
    using repository = new TestRepository()
    repository.write('Order.avsc', order([field('total', 'long')]))
    await run(repository.folder, ['lock'])
    repository.write('Order.avsc', order())
    const { out } = await run(repository.folder, ['check'])
    expect(out).toMatch(/^Order\.avsc:13:15: ERROR READER_FIELD_MISSING_DEFAULT_VALUE shop\.Order\.total/)
  })

  test('grows by what is new, and stays byte for byte when nothing is', async () => {
    using repository = threeVersions()
    await run(repository.folder, ['lock'])
    const before = readFileSync(join(repository.folder, LOCK), 'utf8')
    expect((await run(repository.folder, ['lock'], { today: '2027-01-01' })).said).toContain('up to date')
    expect(readFileSync(join(repository.folder, LOCK), 'utf8')).toBe(before)
    repository.write('schemas/Order.avsc', order([field('more', 'int', { default: 1 })]))
    expect(await run(repository.folder, ['lock', '--check'])).toMatchObject({ code: 100 })
    expect((await run(repository.folder, ['lock'])).said).toBe(`${LOCK}: 1 schema, 4 versions\n`)
    expect(await run(repository.folder, ['lock', '--check'])).toMatchObject({ code: 0 })
  })

  test('remembers a schema that is gone until it is told to forget', async () => {
    using repository = new TestRepository()
    repository.write('A.avsc', order([], { name: 'A' }))
    repository.write('B.avsc', order([], { name: 'B' }))
    await run(repository.folder, ['lock'])
    repository.remove('B.avsc')
    await run(repository.folder, ['lock'])
    expect((await run(repository.folder, ['check'])).out).toContain('SCHEMA_REMOVED shop.B')
    await run(repository.folder, ['lock', '--prune'])
    expect((await run(repository.folder, ['check'])).code).toBe(0)
  })

  test('holds the files that a schema takes types from', async () => {
    using repository = new TestRepository()
    repository.write('Money.avsc', { type: 'fixed', name: 'Money', namespace: 'shop', size: 8 })
    repository.write('Order.avsc', order([field('total', 'Money')]))
    await run(repository.folder, ['lock'])
    repository.write('Money.avsc', { type: 'fixed', name: 'Money', namespace: 'shop', size: 16 })
    const { out } = await run(repository.folder, ['check'])
    expect(out).toContain('FIXED_SIZE_MISMATCH shop.Order.total: size of fixed shop.Money changed from 8 to 16 bytes')
  })
})
