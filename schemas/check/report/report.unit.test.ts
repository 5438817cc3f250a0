import { execFileSync } from 'node:child_process'
import { readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { Ajv } from 'ajv'
import formats from 'ajv-formats'
import { beforeAll, describe, expect, test } from 'vitest'
import { RULES } from '../rules/catalogue.ts'
import { TestRepository } from '../testing/git-repository.ts'
import { field, order } from '../testing/order.ts'
import { run } from '../testing/run.ts'
import { FORMATS, type Format } from './report.ts'

const STANDARDS = join(dirname(fileURLToPath(import.meta.url)), 'standards')

const JVM = ['-Xmx256m', '-XX:+UseSerialGC', '-XX:TieredStopAtLevel=1']

/** Everything that has to be escaped somewhere: in XML, in a table, in a workflow command, in a URI. */
const NASTY = 'a|b <&> "c" \u0001 %0A ::error:: ✓'

const reports = new Map<Format, string>()
let clean = ''

beforeAll(async () => {
  using repository = new TestRepository()
  repository.write(
    'my events, all/Order.avsc',
    order([field('total', 'long'), field('kept', 'string', { default: 'x' })]),
  )
  repository.write('my events, all/Same.avsc', order([], { name: 'Same' }))
  repository.write('my events, all/Gone.avsc', order([], { name: 'Gone' }))
  repository.commit()
  repository.remove('my events, all/Gone.avsc')
  repository.write(
    'my events, all/Order.avsc',
    order([field('total', 'string'), { name: 'kept', type: 'string', default: NASTY }]),
  )
  repository.write('my events, all/Fresh.avsc', order([], { name: 'Fresh' }))
  repository.write('schema-check.json', {
    suppress: [{ rule: 'SCHEMA_REMOVED', place: 'shop.Gone', reason: 'never used' }],
  })
  for (const format of FORMATS) {
    reports.set(format, (await run(repository.folder, ['check', '--against', 'git:main', '--format', format])).out)
  }
  repository.git('checkout', '-q', '.')
  repository.remove('my events, all/Fresh.avsc')
  repository.write('schema-check.json', {})
  clean = (await run(repository.folder, ['check', '--against', 'git:main', '--format', 'junit'])).out
}, 60_000)

function report(format: Format): string {
  return reports.get(format) ?? ''
}

describe('reports', () => {
  test('text has one line per finding', () => {
    const lines = report('text').trim().split('\n')
    expect(lines).toHaveLength(3)
    for (const line of lines)
      expect(line).toMatch(/^my events, all\/Order\.avsc:\d+:\d+: (ERROR|WARNING) [A-Z_]+ shop\.Order\.\w+: /)
  })

  test('json holds findings with every version and direction, and the verdicts', () => {
    const { findings, subjects, ...rest } = JSON.parse(report('json'))
    expect(rest).toMatchObject({ errors: 1, warnings: 2, suppressed: 1 })
    expect(findings[0]).toMatchObject({
      rule: 'TYPE_MISMATCH',
      line: 13,
      column: 15,
      versions: [
        {
          version: 'v1',
          direction: 'BACKWARD',
          type: 'TYPE_MISMATCH',
          location: '/fields/1/type',
          writer: '/fields/1/type',
        },
        { version: 'v1', direction: 'FORWARD' },
      ],
    })
    expect(subjects.map(({ status }: { status: string }) => status)).toEqual(['new', 'changed', 'unchanged'])
  })

  test('sarif is valid against the schema of SARIF 2.1.0, and every rule and region resolves', () => {
    const { id, $schema, ...schema } = JSON.parse(readFileSync(join(STANDARDS, 'sarif-schema-2.1.0.json'), 'utf8'))
    const ajv = new Ajv({ strict: false, allErrors: true })
    formats.default(ajv)
    const validate = ajv.compile(schema)
    const log = JSON.parse(report('sarif'))
    expect(validate(log), JSON.stringify(validate.errors)).toBe(true)
    expect(validate({ ...log, version: '2.0' }), 'the schema refuses what is wrong').toBe(false)
    const [{ results, tool }] = log.runs
    expect(tool.driver.rules).toHaveLength(RULES.length)
    for (const { ruleId, ruleIndex } of results) expect(tool.driver.rules[ruleIndex].id).toBe(ruleId)
    expect(results[0].locations[0].physicalLocation).toEqual({
      artifactLocation: { uri: 'my%20events%2C%20all/Order.avsc' },
      region: { startLine: 13, startColumn: 15 },
    })
    expect(results.filter((result: { suppressions?: unknown }) => result.suppressions !== undefined)).toHaveLength(1)
  })

  test('junit is valid against the XSD of the Jenkins xUnit plugin, with findings and without', () => {
    using repository = new TestRepository()
    const files = [report('junit'), clean].map((text, index) => {
      const file = join(repository.folder, `${index}.xml`)
      writeFileSync(file, text)
      return file
    })
    const validate = (...xml: readonly string[]) =>
      execFileSync('java', [...JVM, join(STANDARDS, 'Validate.java'), join(STANDARDS, 'junit-10.xsd'), ...xml], {
        stdio: 'pipe',
      })
    validate(...files)
    repository.write('wrong.xml', '<testsuites><testcase/></testsuites>')
    expect(() => validate(join(repository.folder, 'wrong.xml')), 'the XSD refuses what is wrong').toThrow()
    expect(report('junit')).toContain('<failure type="TYPE_MISMATCH"')
    expect(clean).not.toContain('<failure')
  }, 60_000)

  test('junit has one failure for a schema, which tells all its errors', async () => {
    using repository = new TestRepository()
    repository.write('Order.avsc', order([field('total', 'long'), field('count', 'int')]))
    repository.commit()
    repository.write('Order.avsc', order([field('total', 'string'), field('count', 'string')]))
    const { out } = await run(repository.folder, ['check', '--against', 'git:main', '--format', 'junit'])
    expect(out.match(/<failure /g)).toHaveLength(1)
    expect(out).toContain('message="2 errors: shop.Order.total: type changed from long to string; shop.Order.count')
    expect(out).toMatch(/Order\.avsc:13:15: TYPE_MISMATCH[\s\S]*Order\.avsc:18:15: TYPE_MISMATCH/)
    expect(out).toContain('tests="1" failures="1"')
  })

  test('github gives an annotation at the place, with nothing that could end it early', () => {
    const [first, ...rest] = report('github').trim().split('\n')
    expect(first).toMatch(
      /^::error file=my events%2C all\/Order\.avsc,line=13,col=15,title=TYPE_MISMATCH::shop\.Order\.total: /,
    )
    for (const line of rest) expect(line).toMatch(/^::warning file=[^:]+,line=\d+,col=\d+,title=[A-Z_]+::/)
    expect(report('github')).toContain('%250A')
  })

  test('gitlab has the fields of a code quality report, and ids that do not depend on the line', () => {
    const issues = JSON.parse(report('gitlab'))
    expect(issues).toHaveLength(3)
    expect(issues[0]).toEqual({
      description: expect.stringContaining('shop.Order.total'),
      check_name: 'TYPE_MISMATCH',
      fingerprint: expect.stringMatching(/^[0-9a-f]{32}$/),
      severity: 'major',
      location: { path: 'my events, all/Order.avsc', lines: { begin: 13 } },
    })
    expect(new Set(issues.map(({ fingerprint }: { fingerprint: string }) => fingerprint)).size).toBe(3)
  })

  test.each(['github', 'gitlab', 'sarif'] as const)('%s names files from the top of the checkout', async (format) => {
    using repository = new TestRepository()
    repository.write('services/basket/Order.avsc', order([field('total', 'long')]))
    repository.commit()
    repository.write('services/basket/Order.avsc', order([field('total', 'string')]))
    const parameters = ['check', '--against', 'git:main', '--format', format]
    const below = join(repository.folder, 'services/basket')
    expect((await run(below, parameters, { workspace: repository.folder })).out).toMatch(
      /services\/basket\/Order\.avsc/,
    )
    const elsewhere = await run(below, parameters, { workspace: join(repository.folder, 'other') })
    expect(elsewhere.out).not.toContain('services/basket')
  })

  test('markdown has the findings, versions x readers, and who must be deployed first', () => {
    const text = report('markdown')
    expect(text).toContain('**1 error**, 2 warnings, 1 suppressed')
    expect(text).toContain('| ❌ | `TYPE_MISMATCH` | `shop.Order.total`<br>my events, all/Order.avsc:13 |')
    expect(text).toMatch(/\| v1 \([0-9a-f]{7} \d{4}-\d\d-\d\d\) \| ❌ \| ❌ \|/)
    expect(text).toContain('Deploy first: **cannot be deployed without a break**.')
    expect(text).toContain('New: `shop.Fresh`.')
    expect(text).toContain('a\\|b')
    for (const line of text.split('\n')) if (line.startsWith('|')) expect(line).toMatch(/\|$/)
  })
})
