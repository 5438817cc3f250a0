import { describe, expect, test } from 'vitest'
import { TestRepository } from './testing/git-repository.ts'
import { field, order } from './testing/order.ts'
import { run } from './testing/run.ts'

const CHANNEL = { type: 'enum', name: 'Channel', doc: 'Where.', symbols: ['WEB', 'UNKNOWN'], default: 'UNKNOWN' }

describe('schema check against git', () => {
  test('is silent and exits with 0 when nothing changed', async () => {
    using repository = new TestRepository()
    repository.write('Order.avsc', order())
    repository.commit()
    const { code, out, said } = await run(repository.folder, ['check', '--against', 'git:main'])
    expect({ code, out }).toEqual({ code: 0, out: '' })
    expect(said).toContain('1 schema against git:main')
  })

  test('tells every break at its line and column, whatever the formatting, and exits with 100', async () => {
    using repository = new TestRepository()
    repository.write('a/Order.avsc', order([field('total', 'long'), field('note', 'string')]))
    repository.commit()
    repository.write(
      'a/Order.avsc',
      '{"type":"record","name":"Order",\r\n "namespace":"shop","doc":"An order.","fields":[{"name":"orderId","type":"string","doc":"Its id."},\r\n\t{"type":"string",\r\n\t "doc":"The total.", "name" : "total"},\r\n   {"name":"channel","type":"string","doc":"Where."}]}',
    )
    const { code, out } = await run(repository.folder, ['check', 'a', '--against', 'git:main'])
    expect(code).toBe(100)
    expect(out.trim().split('\n')).toEqual([
      'a/Order.avsc:4:32: ERROR TYPE_MISMATCH shop.Order.total: type changed from long to string; readers still on v1 fail on new data; readers of the new version fail on data of v1. Fix: keep long, and add a new field with a default for the new type.',
      'a/Order.avsc:5:12: ERROR READER_FIELD_MISSING_DEFAULT_VALUE shop.Order.channel: field added without a default (string); readers of the new version fail on data of v1. Fix: add "default": "".',
      expect.stringContaining(
        'a/Order.avsc:5:12: WARNING FIELD_RENAMED_WITHOUT_ALIAS shop.Order.channel: field looks like note renamed',
      ),
      'a/Order.avsc:18:15: ERROR READER_FIELD_MISSING_DEFAULT_VALUE shop.Order.note: field removed, and older versions have no default for it (it stood here in v1); readers still on v1 fail on new data. Fix: put the field back; it never had a default, so it can only be marked as no longer used in its doc.',
    ])
  })

  test('reads every version of the file, renames followed, and names the versions that break', async () => {
    using repository = new TestRepository()
    repository.write('old/Order.avsc', order([field('total', 'long', { default: 0 })]))
    repository.commit()
    repository.write(
      'old/Order.avsc',
      order([field('total', 'long', { default: 0 }), field('note', 'string', { default: '' })]),
    )
    repository.commit()
    repository.move('old/Order.avsc', 'new/deep/Order.avsc')
    repository.commit()
    repository.write('new/deep/Order.avsc', order())
    repository.commit()
    repository.write('new/deep/Order.avsc', order([field('total', 'string', { default: '' })]))
    const transitive = await run(repository.folder, ['check', '--against', 'git:HEAD'])
    expect(transitive.out).toContain(
      'new/deep/Order.avsc:13:15: ERROR TYPE_MISMATCH shop.Order.total: type changed from long to string',
    )
    expect(transitive.out).toContain('readers still on v1-v2 fail on new data')
    const latest = await run(repository.folder, ['check', '--against', 'git:HEAD', '--mode', 'FULL'])
    expect(latest.code).toBe(0)
  })

  test('follows a rename that is not committed yet, by git or by the name of the record', async () => {
    using repository = new TestRepository()
    repository.write('a/Order.avsc', order([field('total', 'long')]))
    repository.commit()
    repository.move('a/Order.avsc', 'b/Other.avsc')
    repository.write('b/Other.avsc', order([field('total', 'boolean')]))
    const untracked = await run(repository.folder, ['check', '--against', 'git:main'])
    expect(untracked.out).toMatch(/^b\/Other\.avsc:13:15: ERROR TYPE_MISMATCH/)
    expect(untracked.out).not.toContain('SCHEMA_REMOVED')
    repository.git('add', '-A')
    expect((await run(repository.folder, ['check', '--against', 'git:main'])).out).toBe(untracked.out)
  })

  test('tells a schema that is gone', async () => {
    using repository = new TestRepository()
    repository.write('Order.avsc', order())
    repository.write('Other.avsc', order([], { name: 'Other' }))
    repository.commit()
    repository.remove('Other.avsc')
    const { code, out } = await run(repository.folder, ['check', '--against', 'git:main'])
    expect(code).toBe(100)
    expect(out).toMatch(/^Other\.avsc:1:1: ERROR SCHEMA_REMOVED shop\.Other: the schema is gone/)
  })

  test('judges the whole history of a merged branch, or only the main line when told so', async () => {
    using repository = new TestRepository()
    repository.write('Order.avsc', order())
    repository.commit()
    repository.git('checkout', '-q', '-b', 'work')
    repository.write('Order.avsc', order([field('total', 'string', { default: '' })]))
    repository.commit('half done')
    repository.write('Order.avsc', order([field('total', 'long', { default: 0 })]))
    repository.commit('done')
    repository.git('checkout', '-q', 'main')
    repository.git('merge', '-q', '--no-ff', '-m', 'merge', 'work')
    expect((await run(repository.folder, ['check', '--against', 'git:main'])).code).toBe(100)
    repository.write('schema-check.json', { history: 'first-parent' })
    expect((await run(repository.folder, ['check', '--against', 'git:main'])).code).toBe(0)
  })

  test('takes named types from other files, and finds the break where only the other file changed', async () => {
    using repository = new TestRepository()
    repository.write('Channel.avsc', { ...CHANNEL, namespace: 'shop' })
    repository.write('Order.avsc', order([field('channel', 'Channel')]))
    repository.commit()
    repository.write('Channel.avsc', { ...CHANNEL, namespace: 'shop', symbols: ['WEB'], default: undefined })
    const { code, out } = await run(repository.folder, ['check', '--against', 'git:main'])
    expect(code).toBe(100)
    expect(out).toContain('MISSING_ENUM_SYMBOLS shop.Channel')
    expect(out).toContain('MISSING_ENUM_SYMBOLS shop.Order.channel')
  })

  test('knows the versions that a file got through another file', async () => {
    using repository = new TestRepository()
    repository.write('Channel.avsc', { ...CHANNEL, namespace: 'shop', symbols: ['WEB', 'KIOSK'], default: undefined })
    repository.write('Order.avsc', order([field('channel', 'Channel')]))
    repository.commit()
    repository.write('Channel.avsc', {
      ...CHANNEL,
      namespace: 'shop',
      symbols: ['WEB', 'KIOSK', 'API'],
      default: undefined,
    })
    repository.commit()
    repository.write('Channel.avsc', { ...CHANNEL, namespace: 'shop', symbols: ['WEB', 'KIOSK'], default: undefined })
    repository.write('Order.avsc', order([field('channel', 'Channel'), field('note', 'string', { default: '' })]))
    const { out } = await run(repository.folder, ['check', '--against', 'git:main', '--mode', 'BACKWARD_TRANSITIVE'])
    expect(out).toContain('MISSING_ENUM_SYMBOLS shop.Order.channel: symbol API removed')
    expect(out).toContain('fail on data of v2')
  })

  test('--changed looks at what differs from the ref and at what takes types from it, and at nothing else', async () => {
    using repository = new TestRepository()
    repository.write('Channel.avsc', { ...CHANNEL, namespace: 'shop' })
    repository.write('Order.avsc', order([field('channel', 'Channel')]))
    repository.write('Undocumented.avsc', { type: 'record', name: 'Undocumented', fields: [] })
    repository.commit()
    repository.write('Channel.avsc', { ...CHANNEL, namespace: 'shop', symbols: ['WEB'], default: undefined })
    repository.write('Fresh.avsc', { type: 'record', name: 'Fresh', fields: [] })
    const all = await run(repository.folder, ['check', '--against', 'git:main'])
    const { code, out, said } = await run(repository.folder, ['check', '--against', 'git:main', '--changed'])
    expect(code).toBe(100)
    expect(out).toBe(all.out.replace(/^Undocumented.*\n/gm, ''))
    expect(out).not.toBe(all.out)
    expect(out).toContain('MISSING_ENUM_SYMBOLS shop.Order.channel')
    expect(said).toContain('3 schemas')
    expect((await run(repository.folder, ['check', '--against', '.', '--changed'])).code).toBe(2)
  })

  test('does not call an older version compatible that it cannot read', async () => {
    using repository = new TestRepository()
    repository.write('Order.avsc', '{"type": "record", "name": "Order", "fields": [')
    repository.commit()
    repository.write('Order.avsc', order())
    const { code, out } = await run(repository.folder, ['check', '--against', 'git:main'])
    expect(code).toBe(100)
    expect(out).toContain('HISTORY_UNREADABLE')
  })
})
