import { execFileSync, spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, readdirSync, symlinkSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { beforeAll, describe, expect, test } from 'vitest'
import { TestRepository } from './testing/git-repository.ts'
import { field, order } from './testing/order.ts'

const HERE = dirname(fileURLToPath(import.meta.url))
const ROOT = join(HERE, '../..')

/** The Nodes that this machine has: the one that runs the tests, and an older one where there is one. */
const NODES = [process.execPath, '/usr/bin/node'].filter(
  (path, index, all) => existsSync(path) && all.indexOf(path) === index,
)

const project = new TestRepository()

beforeAll(() => {
  execFileSync(process.execPath, [join(ROOT, 'node_modules/typescript/bin/tsc'), '-p', HERE])
  execFileSync('npm', ['pack', '--silent', '--ignore-scripts', '--pack-destination', project.folder], { cwd: HERE })
  const [tarball = ''] = readdirSync(project.folder).filter((name) => name.endsWith('.tgz'))
  const installed = join(project.folder, 'node_modules/@eshop/schema-check')
  mkdirSync(installed, { recursive: true })
  execFileSync('tar', ['xzf', join(project.folder, tarball), '-C', installed, '--strip-components', '1'])
  symlinkSync(join(ROOT, 'node_modules/commander'), join(project.folder, 'node_modules/commander'))
  return () => project[Symbol.dispose]()
}, 180_000)

describe('the packed product, in a project without TypeScript', () => {
  test('holds JavaScript, types, the README and the CI files, and nothing of the tests', () => {
    const files = execFileSync(
      'tar',
      ['tzf', readdirSync(project.folder).find((name) => name.endsWith('.tgz')) ?? ''],
      {
        cwd: project.folder,
        encoding: 'utf8',
      },
    )
    for (const path of [
      'dist/index.js',
      'dist/index.d.ts',
      'dist/cli.js',
      'README.md',
      'ci/github-actions.yml',
      'ci/pre-commit',
    ])
      expect(files).toContain(`package/${path}\n`)
    expect(files).not.toMatch(/test|oracle|bench|standards|fast-check/)
    expect(files).not.toMatch(/[^d]\.ts\n/)
  })

  test.each(NODES)(
    'runs as a command and as a library on %s',
    (node) => {
      project.write('old/Order.avsc', order([field('total', 'long')]))
      project.write('new/Order.avsc', order([field('total', 'string')]))
      const cli = join(project.folder, 'node_modules/@eshop/schema-check/dist/cli.js')
      const ran = spawnSync(node, [cli, 'check', 'new', '--against', 'old'], { cwd: project.folder, encoding: 'utf8' })
      expect(ran.stdout, ran.stderr).toMatch(/^new\/Order\.avsc:13:15: ERROR TYPE_MISMATCH/)
      expect(ran.status).toBe(100)
      project.write(
        'use.mjs',
        "import { checkCompatibility } from '@eshop/schema-check'\nconsole.log(JSON.stringify(checkCompatibility('int', 'string')))\n",
      )
      const used = spawnSync(node, ['use.mjs'], { cwd: project.folder, encoding: 'utf8' })
      expect(JSON.parse(used.stdout)).toMatchObject({
        compatible: false,
        findings: [{ type: 'TYPE_MISMATCH', location: '/' }],
      })
    },
    60_000,
  )

  test('has types that a strict compiler takes', () => {
    project.write(
      'use.ts',
      "import { type Compatibility, checkCompatibility } from '@eshop/schema-check'\nconst result: Compatibility = checkCompatibility({ type: 'int' }, '\"long\"')\nexport const rule: string | undefined = result.findings[0]?.rule\n// @ts-expect-error findings have no such field\nexport const wrong = result.findings[0]?.colour\n",
    )
    symlinkSync(join(ROOT, 'node_modules/@types'), join(project.folder, 'node_modules/@types'))
    const { status, stdout } = spawnSync(
      process.execPath,
      [
        join(ROOT, 'node_modules/typescript/bin/tsc'),
        '--noEmit',
        '--strict',
        '--module',
        'nodenext',
        '--target',
        'es2023',
        '--types',
        'node',
        'use.ts',
      ],
      { cwd: project.folder, encoding: 'utf8' },
    )
    expect(stdout).toBe('')
    expect(status).toBe(0)
  }, 60_000)
})
