import { symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { TestRepository } from '../testing/git-repository.ts'
import { field, order } from '../testing/order.ts'
import { run } from '../testing/run.ts'

describe('which files are checked', () => {
  test('links are followed, and one that leads back ends there', async () => {
    using repository = new TestRepository()
    repository.write('a/Order.avsc', order())
    repository.write('elsewhere/Other.avsc', order([], { name: 'Other' }))
    symlinkSync('..', join(repository.folder, 'a/up'))
    symlinkSync('../elsewhere', join(repository.folder, 'a/linked'))
    symlinkSync('../a', join(repository.folder, 'elsewhere/back'))
    const { out } = await run(repository.folder, ['list', 'a', '--json'])
    expect(JSON.parse(out).map(({ path }: { path: string }) => path)).toEqual(['a/Order.avsc', 'a/linked/Other.avsc'])
  })

  test('a link to nothing is an error that names it', async () => {
    using repository = new TestRepository()
    repository.write('Order.avsc', order())
    symlinkSync('nowhere', join(repository.folder, 'Lost.avsc'))
    const { code, said } = await run(repository.folder, ['list'])
    expect(code).toBe(1)
    expect(said).toMatch(/Lost\.avsc: cannot be read: it is a link to nothing\./)
  })

  test('a file with another ending is refused, as its history would not be found', async () => {
    using repository = new TestRepository()
    repository.write('order.json', order([field('total', 'long')]))
    repository.commit()
    repository.write('order.json', order([field('total', 'string')]))
    const { code, out, said } = await run(repository.folder, ['check', 'order.json', '--against', 'git:main'])
    expect({ code, out }).toEqual({ code: 2, out: '' })
    expect(said).toContain('order.json is no .avsc file.')
  })

  test('"exclude" leaves out files and what they were, from wherever the command runs', async () => {
    using repository = new TestRepository()
    repository.write('schemas/Order.avsc', order([field('total', 'long')]))
    repository.write('schemas/drafts/Gone.avsc', order([], { name: 'Gone' }))
    repository.commit()
    repository.remove('schemas/drafts/Gone.avsc')
    repository.write('schemas/drafts/Broken.avsc', '{')
    repository.write('schema-check.json', { exclude: ['schemas/drafts/**'] })
    for (const [folder, path] of [
      ['.', 'schemas'],
      ['schemas', '.'],
    ] as const) {
      const ran = await run(join(repository.folder, folder), ['check', path, '--against', 'git:main'])
      expect(ran).toMatchObject({ code: 0, out: '' })
    }
    const named = await run(repository.folder, ['check', 'schemas/drafts/Broken.avsc', '--against', 'git:main'])
    expect(named.code, 'a file that is named is not left out').toBe(1)
    repository.write('older/Order.avsc', order([field('total', 'long')]))
    repository.write('older/drafts/Broken.avsc', '{')
    expect(await run(repository.folder, ['check', 'schemas', '--against', 'older'])).toMatchObject({ code: 0, out: '' })
  })

  test('patterns on paths hold from wherever the command runs', async () => {
    using repository = new TestRepository()
    repository.write('schemas/Order.avsc', order([field('total', 'long')]))
    repository.commit()
    repository.write('schemas/Order.avsc', order([field('total', 'string')]))
    repository.write('schema-check.json', {
      suppress: [{ rule: 'TYPE_MISMATCH', place: 'schemas/Order.avsc', reason: 'never published' }],
    })
    for (const [folder, path] of [
      ['.', 'schemas'],
      ['schemas', '.'],
    ] as const) {
      const ran = await run(join(repository.folder, folder), ['check', path, '--against', 'git:main'])
      expect(ran).toMatchObject({ code: 0, out: '' })
      expect(ran.said).toContain('1 suppressed')
    }
  })

  test('text that is not UTF-8 is told as such', async () => {
    using repository = new TestRepository()
    writeFileSync(join(repository.folder, 'Order.avsc'), Buffer.from('\ufeff{"type": "int"}', 'utf16le'))
    const { code, said } = await run(repository.folder, ['list'])
    expect(code).toBe(1)
    expect(said).toContain('It is not UTF-8 text: save it as UTF-8.')
  })

  test('every subject that two files have is told', async () => {
    using repository = new TestRepository()
    for (const folder of ['a', 'b'])
      for (const name of ['Order', 'Other']) repository.write(`${folder}/${name}.avsc`, order([], { name }))
    const { code, said } = await run(repository.folder, ['list'])
    expect(code).toBe(1)
    expect(said.trim().split('\n')).toHaveLength(2)
  })
})
