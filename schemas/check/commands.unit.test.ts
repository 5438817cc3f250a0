import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { TestRepository } from './testing/git-repository.ts'
import { field, order } from './testing/order.ts'
import { run } from './testing/run.ts'

const BROKEN = { code: 1, out: '' }

describe('bad input is one clear error, and never a false "compatible"', () => {
  async function checked(files: Readonly<Record<string, unknown>>, against = 'git:main') {
    using repository = new TestRepository()
    repository.write('First.avsc', order([], { name: 'First' }))
    repository.commit()
    for (const [path, content] of Object.entries(files)) repository.write(path, content)
    return await run(repository.folder, ['check', '--against', against])
  }

  test('a file that is not JSON: file, line, column', async () => {
    const { said, ...rest } = await checked({ 'Bad.avsc': '{\n  "type": "record",\n  "name": Order\n}' })
    expect(rest).toEqual(BROKEN)
    expect(said).toMatch(/^Bad\.avsc:3:11: is not JSON: expected a value, found "O"\./)
  })

  test('an empty file', async () => {
    const { said, ...rest } = await checked({ 'Bad.avsc': '' })
    expect(rest).toEqual(BROKEN)
    expect(said).toMatch(/^Bad\.avsc:1:1: is not JSON: .*the file ends here/)
  })

  test('a file that is JSON and not Avro', async () => {
    const { said, ...rest } = await checked({ 'Bad.avsc': '{"type": "record",\n "name": "A"}' })
    expect(rest).toEqual(BROKEN)
    expect(said).toMatch(/^Bad\.avsc:1:1: record A needs an array of "fields"\./)
  })

  test('a name that is defined twice in a file', async () => {
    const twice = [field('a', { type: 'fixed', name: 'X', size: 2 }), field('b', { type: 'fixed', name: 'X', size: 4 })]
    const { said, ...rest } = await checked({ 'Bad.avsc': order(twice) })
    expect(rest).toEqual(BROKEN)
    expect(said).toMatch(/^Bad\.avsc:\d+:\d+: the name shop\.X is defined twice, first at line \d+\./)
  })

  test('a subject that two files have', async () => {
    const { said, ...rest } = await checked({ 'a/Order.avsc': order(), 'b/Order.avsc': order() })
    expect(rest).toEqual(BROKEN)
    expect(said).toContain('b/Order.avsc:3:11: shop.Order is already the name of a/Order.avsc.')
  })

  test('a cycle of files, with the whole cycle', async () => {
    const { said, ...rest } = await checked({
      'A.avsc': order([field('b', 'B')], { name: 'A' }),
      'B.avsc': order([field('a', 'A')], { name: 'B' }),
    })
    expect(rest).toEqual(BROKEN)
    expect(said).toContain("files need each other's types in a cycle: A.avsc -> B.avsc -> A.avsc.")
  })

  test('a name that nobody defines', async () => {
    const { said, ...rest } = await checked({ 'A.avsc': order([field('b', 'Nobody')]) })
    expect(rest).toEqual(BROKEN)
    expect(said).toMatch(/^A\.avsc:14:15: no type is named "shop\.Nobody"\./)
  })

  test('several broken files are all told', async () => {
    const { said } = await checked({ 'A.avsc': '{', 'B.avsc': '"nobody"' })
    expect(said.split('\n').filter((line) => /^[AB]\.avsc:/.test(line))).toHaveLength(2)
  })

  test('a ref that is not there, and what to do', async () => {
    const { said, ...rest } = await checked({}, 'git:nowhere')
    expect(rest).toEqual(BROKEN)
    expect(said).toContain('git knows no commit "nowhere" here. Fetch it')
  })

  test('a folder outside of any repository', async () => {
    using repository = new TestRepository()
    repository.write('Order.avsc', order())
    const { said, code } = await run(repository.folder, ['check', '--against', 'git:main'])
    expect(code).toBe(1)
    expect(said).toContain('. is in no git repository. Compare against')
  })

  test('a shallow clone, where the mode asks for the whole history', async () => {
    using repository = new TestRepository()
    for (const more of [[], [field('total', 'long', { default: 0 })]]) {
      repository.write('Order.avsc', order(more))
      repository.commit()
    }
    repository.git('clone', '-q', '--depth', '1', `file://${repository.folder}`, 'shallow')
    const shallow = join(repository.folder, 'shallow')
    const { said, code } = await run(shallow, ['check', '--against', 'git:HEAD'])
    expect(code).toBe(1)
    expect(said).toContain('this clone is shallow')
    expect((await run(shallow, ['check', '--against', 'git:HEAD', '--mode', 'FULL'])).code).toBe(0)
  })

  test('a registry that is away', async () => {
    const { said, ...rest } = await checked({}, 'http://user:secret@127.0.0.1:1/')
    expect(rest).toEqual(BROKEN)
    expect(said).toContain('the registry http://127.0.0.1:1 cannot be reached (bad port). Check the URL')
    expect(said).not.toContain('secret')
  })

  test('a lock file that is missing, broken, in conflict or edited by hand', async () => {
    expect((await checked({}, 'none.json')).said).toContain('there is no lock file none.json.')
    expect((await checked({ 'l.json': '{}' }, 'l.json')).said).toContain('l.json: is no lock file of version 1.')
    expect((await checked({ 'l.json': '{\n<<<<<<< a\n' }, 'l.json')).said).toContain('It has a merge conflict')
    const lock = { lockVersion: 1, subjects: {}, texts: { abc: '"string"' } }
    expect((await checked({ 'l.json': lock }, 'l.json')).said).toContain('was edited by hand')
  })
})

describe('wrong use exits with 2 and says how', () => {
  const cases: readonly (readonly [string, readonly string[], string])[] = [
    ['no such path', ['check', 'nowhere', '--against', 'git:main'], 'there is no file or folder'],
    ['no such mode', ['check', '--mode', 'SIDEWAYS'], 'It is one of NONE, BACKWARD'],
    ['no such format', ['check', '--format', 'pdf'], 'Allowed choices are text, json'],
    ['nothing to compare against', ['check'], 'Give --against git:main'],
    ['an empty ref', ['check', '--against', 'git:'], 'names no commit'],
    ['an option in place of a ref', ['check', '--against', 'git:--output=x'], 'names no commit'],
    ['a folder that is not there', ['check', '--against', 'older'], 'there is no folder or lock file older'],
    ['no such rule', ['explain', 'DECIMALS'], 'there is no rule DECIMALS'],
    ['a file that is not there', ['compat', 'a.avsc', 'b.avsc'], 'there is no file a.avsc'],
  ]

  test.each(cases)('%s', async (_, parameters, words) => {
    using repository = new TestRepository()
    repository.write('Order.avsc', order())
    repository.commit()
    const { code, said } = await run(repository.folder, parameters)
    expect(code).toBe(2)
    expect(said).toContain(words)
  })

  test('a config with several mistakes tells all of them', async () => {
    using repository = new TestRepository()
    repository.write('Order.avsc', order())
    repository.write('schema-check.json', {
      mode: 'X',
      colour: 1,
      subject: '{what}',
      rules: { NO_RULE: 'error', DOC_MISSING: 'loud' },
      suppress: [{ rule: 'DOC_MISSING', place: 'a' }],
    })
    const { code, said } = await run(repository.folder, ['check', '--against', 'git:main'])
    expect(code).toBe(2)
    expect(said.match(/^ {2}- /gm)).toHaveLength(6)
    expect(said).toContain('suppress[0].reason is missing')
  })
})

describe('the other commands', () => {
  test('explain tells every rule with an example, and lists all', async () => {
    const { out } = await run('.', ['explain'])
    for (const line of out.trim().split('\n')) {
      const [id = ''] = line.split(' ')
      const told = await run('.', ['explain', id.toLowerCase()])
      expect(told.out).toMatch(/Who breaks: [\s\S]+Fix: [\s\S]+Example:\n {2}\S/)
    }
  })

  test('compat tells all findings of one pair, as text and as JSON', async () => {
    using repository = new TestRepository()
    repository.write(
      'new.avsc',
      order([field('total', 'int'), field('at', { type: 'long', logicalType: 'timestamp-micros' })]),
    )
    repository.write(
      'old.avsc',
      order([field('total', 'long'), field('at', { type: 'long', logicalType: 'timestamp-millis' })]),
    )
    const told = await run(repository.folder, ['compat', 'new.avsc', 'old.avsc'])
    expect(told.code).toBe(100)
    expect(told.out).toMatch(
      /^new\.avsc:13:15: ERROR TYPE_MISMATCH total: type changed from long to int \[\/fields\/1\/type\]\. Fix/,
    )
    expect(told.out).toContain('LOGICAL_TYPE_CHANGED at')
    const { out } = await run(repository.folder, ['compat', 'new.avsc', 'old.avsc', '--json'])
    expect(JSON.parse(out)).toMatchObject({
      compatible: false,
      findings: [
        { type: 'TYPE_MISMATCH', location: '/fields/1/type', writerLocation: '/fields/1/type', field: 'total' },
        { rule: 'LOGICAL_TYPE_CHANGED', incompatible: false },
      ],
    })
  })

  test('diff shows what changed and does not judge', async () => {
    using repository = new TestRepository()
    repository.write('Order.avsc', order([field('total', 'long')]))
    repository.commit()
    repository.write('Order.avsc', order([field('total', 'string'), field('note', 'string', { default: '' })]))
    const { code, out } = await run(repository.folder, ['diff', '--against', 'git:main'])
    expect(code).toBe(0)
    expect(out).toContain('  ~ total: long -> string\n')
    expect(out).toContain('  + note: string, default ""\n')
  })

  test('list shows subject, mode, versions and fingerprint', async () => {
    using repository = new TestRepository()
    repository.write('Order.avsc', order())
    repository.commit()
    repository.write('Order.avsc', order([field('total', 'long', { default: 0 })]))
    repository.commit()
    const { out } = await run(repository.folder, ['list', '--against', 'git:main', '--json'])
    expect(JSON.parse(out)).toEqual([
      {
        subject: 'shop.Order',
        mode: 'FULL_TRANSITIVE',
        versions: 2,
        fingerprint: expect.stringMatching(/^[0-9a-f]{16}$/),
        path: 'Order.avsc',
      },
    ])
  })

  test('colours only where they were asked for', async () => {
    using repository = new TestRepository()
    mkdirSync(join(repository.folder, 'old'))
    repository.write('old/Order.avsc', order([field('total', 'long')]))
    repository.write('new/Order.avsc', order())
    expect((await run(repository.folder, ['check', 'new', '--against', 'old'])).out).not.toContain('\u001b')
    expect((await run(repository.folder, ['check', 'new', '--against', 'old'], { color: true })).out).toContain(
      '\u001b[31mERROR',
    )
  })
})
