import { execFileSync } from 'node:child_process'
import { mkdirSync, symlinkSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { TestRepository } from '../testing/git-repository.ts'
import { field, order } from '../testing/order.ts'
import { run } from '../testing/run.ts'

const LONG = order([field('total', 'long')])
const STRING = order([field('total', 'string')])

/** A repository whose schema has been broken since its only commit. */
function broken(): TestRepository {
  const repository = new TestRepository()
  repository.write('schemas/Order.avsc', LONG)
  repository.commit()
  repository.write('schemas/Order.avsc', STRING)
  return repository
}

describe('what another repository keeps is never taken for new', () => {
  test('a submodule: an error that says where to check it, and there the break is found', async () => {
    using inner = broken()
    using outer = new TestRepository()
    outer.write('Other.avsc', order([], { name: 'Other' }))
    outer.git('-c', 'protocol.file.allow=always', 'submodule', '--quiet', 'add', `file://${inner.folder}`, 'sub')
    outer.commit()
    outer.write('sub/schemas/Order.avsc', STRING)
    const { code, out, said } = await run(outer.folder, ['check', '--against', 'git:main'])
    expect({ code, out }).toEqual({ code: 1, out: '' })
    expect(said).toMatch(
      /^sub\/schemas\/Order\.avsc: is in a repository of its own \(a submodule\?\).* check sub --against/,
    )
    expect((await run(outer.folder, ['check', 'sub', '--against', 'git:HEAD'])).out).toContain('ERROR TYPE_MISMATCH')
    outer.write('schema-check.json', { exclude: ['sub'] })
    expect(await run(outer.folder, ['check', '--against', 'git:main'])).toMatchObject({ code: 0, out: '' })
  })

  test('a path into another repository', async () => {
    using here = broken()
    using there = new TestRepository()
    there.write('Other.avsc', order([], { name: 'Other' }))
    const { code, said } = await run(here.folder, ['check', 'schemas', there.folder, '--against', 'git:main'])
    expect(code).toBe(1)
    expect(said).toContain('Other.avsc: is outside of the repository')
  })
})

describe('a file keeps its history', () => {
  test('when it moves out of the folder that is checked, and git knows nothing of it yet', async () => {
    using repository = broken()
    repository.move('schemas/Order.avsc', 'moved/Order.avsc')
    const { code, out } = await run(repository.folder, ['check', 'moved', '--against', 'git:main'])
    expect(code).toBe(100)
    expect(out).toContain('moved/Order.avsc:13:15: ERROR TYPE_MISMATCH')
  })

  test('when it is reached by a link, to it or to its folder', async () => {
    using repository = broken()
    mkdirSync(join(repository.folder, 'linked'))
    symlinkSync('../schemas', join(repository.folder, 'linked/folder'))
    symlinkSync('../schemas/Order.avsc', join(repository.folder, 'linked/Link.avsc'))
    repository.git('add', 'linked')
    repository.git('commit', '-q', '-m', 'links')
    for (const path of ['linked/folder', 'linked/Link.avsc']) {
      const { code, out } = await run(repository.folder, ['check', path, '--against', 'git:main'])
      expect(code).toBe(100)
      expect(out).toMatch(/^linked\/\S+\.avsc:13:15: ERROR TYPE_MISMATCH shop\.Order\.total/)
      expect(out.trim().split('\n')).toHaveLength(1)
    }
  })

  test('when it was deleted and comes back', async () => {
    using repository = broken()
    repository.remove('schemas/Order.avsc')
    repository.write('schemas/Other.avsc', order([], { name: 'Other' }))
    repository.commit()
    repository.write('schemas/Order.avsc', STRING)
    const untracked = await run(repository.folder, ['check', '--against', 'git:main'])
    expect(untracked.out).toMatch(/^schemas\/Order\.avsc:13:15: ERROR TYPE_MISMATCH shop\.Order\.total/)
    repository.commit()
    expect((await run(repository.folder, ['check', '--against', 'git:main'])).out).toBe(untracked.out)
  })

  test('and not that of one like it that went when it came', async () => {
    using repository = broken()
    repository.remove('schemas/Order.avsc')
    repository.write('schemas/Parcel.avsc', order([field('total', 'boolean')], { name: 'Parcel' }))
    expect(repository.git('add', '-A') + repository.git('status', '--short')).toContain('R  schemas/Order.avsc')
    const { out } = await run(repository.folder, ['check', '--against', 'git:main'])
    expect(out).toContain('ERROR SCHEMA_REMOVED shop.Order')
    expect(out.trim().split('\n')).toHaveLength(1)
    repository.commit()
    repository.write(
      'schemas/Parcel.avsc',
      order([field('total', 'boolean'), field('x', 'int', { default: 0 })], { name: 'Parcel' }),
    )
    expect(await run(repository.folder, ['check', '--against', 'git:main'])).toMatchObject({ code: 0, out: '' })
  })

  test.each([
    ['another namespace', { namespace: 'sales' }, 'NAMESPACE_CHANGED'],
    ['another name, and an alias', { name: 'Purchase', aliases: ['Order'] }, 'NAME_MISMATCH'],
  ])('under a new path and with %s', async (_, more, rule) => {
    using repository = broken()
    repository.remove('schemas/Order.avsc')
    repository.write('sales/Moved.avsc', order([field('total', 'string')], more))
    for (const _step of ['staged', 'committed']) {
      repository.git('add', '-A')
      const { out } = await run(repository.folder, ['check', '--against', 'git:main'])
      expect(out).toContain(`ERROR ${rule}`)
      expect(out).toContain('ERROR TYPE_MISMATCH')
      expect(out).not.toContain('SCHEMA_REMOVED')
      repository.commit()
    }
  })

  test('and not that of another that had its place before and moved away', async () => {
    using repository = new TestRepository()
    const long = (name: string) => order([field('total', 'long'), field('kept', 'int')], { name })
    repository.write('Order.avsc', long('Order'))
    repository.commit()
    repository.move('Order.avsc', 'sales/Order.avsc')
    repository.commit()
    repository.write('Order.avsc', order([field('weight', 'int')], { name: 'Parcel' }))
    const untracked = await run(repository.folder, ['check', '--against', 'git:main'])
    expect(untracked).toMatchObject({ code: 0, out: '' })
    repository.commit()
    expect(await run(repository.folder, ['check', '--against', 'git:main'])).toMatchObject({ code: 0, out: '' })
    repository.write('sales/Order.avsc', order([field('total', 'string'), field('kept', 'int')]))
    const { out } = await run(repository.folder, ['check', '--against', 'git:main'])
    expect(out).toContain('sales/Order.avsc:13:15: ERROR TYPE_MISMATCH')
    expect(out.trim().split('\n')).toHaveLength(1)
  })

  test.each([
    ['a subfolder of the repository', 'schemas', '.', 'Order.avsc:13:15'],
    ['a folder beside it', 'beside', '../schemas', '../schemas/Order.avsc:13:15'],
  ])('when the command runs in %s', async (_, folder, path, place) => {
    using repository = broken()
    mkdirSync(join(repository.folder, 'beside'))
    const { code, out } = await run(join(repository.folder, folder), ['check', path, '--against', 'git:main'])
    expect(code).toBe(100)
    expect(out).toContain(`${place}: ERROR TYPE_MISMATCH`)
  })

  test('on a detached HEAD, in a second worktree, with BOM and CRLF where git converts them', async () => {
    using repository = broken()
    repository.git('checkout', '-q', '--detach')
    repository.git('config', 'core.autocrlf', 'true')
    expect((await run(repository.folder, ['check', '--against', 'git:main'])).code).toBe(100)
    repository.git('worktree', 'add', '-q', 'my tree', 'main')
    const tree = join(repository.folder, 'my tree')
    expect(await run(tree, ['check', '--against', 'git:main'])).toMatchObject({ code: 0, out: '' })
    const text = `\ufeff${JSON.stringify(LONG, null, 1)}`.replaceAll('\n', '\r\n')
    repository.write('my tree/schemas/Order.avsc', text)
    expect(await run(tree, ['check', '--against', 'git:main'])).toMatchObject({ code: 0, out: '' })
    repository.write('my tree/schemas/Order.avsc', text.replace('"long"', '"string"'))
    expect((await run(tree, ['check', '--against', 'git:main'])).out).toContain('Order.avsc:13:12: ERROR TYPE_MISMATCH')
  })
})

describe('a ref that is not there: what is there, and what to do', () => {
  async function said(folder: string, ref: string): Promise<string> {
    const ran = await run(folder, ['check', '--against', `git:${ref}`])
    expect(ran).toMatchObject({ code: 1, out: '' })
    return ran.said
  }

  test('a branch that only the remote has', async () => {
    using repository = broken()
    repository.git('clone', '-q', repository.folder, 'clone')
    repository.git('-C', 'clone', 'checkout', '-q', '--detach')
    repository.git('-C', 'clone', 'branch', '-q', '-D', 'main')
    expect(await said(join(repository.folder, 'clone'), 'main')).toContain(
      'no commit "main" here. There is git:origin/main.',
    )
  })

  test('a commit that a shallow clone does not have', async () => {
    using repository = broken()
    repository.git('clone', '-q', '--depth', '1', `file://${repository.folder}`, 'clone')
    expect(await said(join(repository.folder, 'clone'), 'HEAD~1')).toContain('This clone is shallow: fetch all')
  })

  test('a first commit that has no parent, and a repository without commits', async () => {
    using repository = broken()
    expect(await said(repository.folder, 'HEAD~1')).toContain('Name another, or compare against the lock file.')
    execFileSync('git', ['init', '-q', join(repository.folder, 'empty')])
    repository.write('empty/Order.avsc', LONG)
    expect(await said(join(repository.folder, 'empty'), 'main')).toContain('Nothing was committed yet')
  })
})
