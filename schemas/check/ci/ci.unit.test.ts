import { execFileSync, spawnSync } from 'node:child_process'
import { chmodSync, copyFileSync, cpSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { delimiter, dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, test } from 'vitest'
import { TestRepository } from '../testing/git-repository.ts'
import { field, order } from '../testing/order.ts'

const HERE = dirname(fileURLToPath(import.meta.url))
const CLI = join(HERE, '../cli.ts')
const ROOT = join(HERE, '../../..')

/** A `npx` that runs this checkout in place of the published package, and nothing else. */
function npxIn(folder: string): string {
  const bin = join(folder, '.bin')
  mkdirSync(bin)
  writeFileSync(
    join(bin, 'npx'),
    `#!/bin/sh\n[ "$1 $2" = "--yes @eshop/schema-check" ] || exit 9\nshift 2\nexec "${process.execPath}" "${CLI}" "$@"\n`,
  )
  chmodSync(join(bin, 'npx'), 0o755)
  return `${bin}${delimiter}${process.env.PATH}`
}

/** The commands of a CI file, in order: the lines of a list or block that stand under a key. */
function commandsOf(file: string, key: 'run' | 'script'): readonly string[] {
  const lines = readFileSync(join(HERE, file), 'utf8').split('\n')
  const commands: string[] = []
  let indent: number | undefined
  for (const line of lines) {
    const depth = line.search(/\S/)
    if (indent !== undefined && depth > indent) commands.push(line.trim().replace(/^- /, ''))
    else indent = new RegExp(`^\\s*(- )?${key}:`).test(line) ? depth : undefined
  }
  return commands
}

/** A clone whose working tree breaks the schema that its origin has on main. */
function brokenClone(): { readonly repository: TestRepository; readonly clone: string } {
  const repository = new TestRepository()
  repository.write('schemas/Order.avsc', order([field('total', 'long')]))
  repository.commit()
  const clone = join(repository.folder, 'clone')
  repository.git('clone', '-q', repository.folder, clone)
  repository.write('clone/schemas/Order.avsc', order([field('total', 'string')]))
  return { repository, clone }
}

function shell(folder: string, commands: readonly string[], env: NodeJS.ProcessEnv) {
  return spawnSync('sh', ['-ec', commands.join('\n')], {
    cwd: folder,
    encoding: 'utf8',
    env: { ...process.env, ...env },
  })
}

describe('the files for other CI systems do what they say', () => {
  test('GitHub Actions: a table in the summary, an annotation, and exit 100', () => {
    const { repository, clone } = brokenClone()
    using _ = repository
    const commands = commandsOf('github-actions.yml', 'run')
    expect(commands).toHaveLength(2)
    const summary = join(repository.folder, 'summary.md')
    const { status, stdout } = shell(clone, commands, {
      PATH: npxIn(repository.folder),
      GITHUB_BASE_REF: 'main',
      GITHUB_STEP_SUMMARY: summary,
    })
    expect(status).toBe(100)
    expect(stdout).toMatch(/^::error file=schemas\/Order\.avsc,line=13,col=15,title=TYPE_MISMATCH::/)
    expect(readFileSync(summary, 'utf8')).toContain('| ❌ | `TYPE_MISMATCH` |')
  })

  test('GitLab CI: a code quality report, and exit 100', () => {
    const { repository, clone } = brokenClone()
    using _ = repository
    const commands = commandsOf('gitlab-ci.yml', 'script')
    expect(commands).toHaveLength(2)
    const { status } = shell(clone, commands, {
      PATH: npxIn(repository.folder),
      CI_MERGE_REQUEST_TARGET_BRANCH_NAME: 'main',
    })
    expect(status).toBe(100)
    expect(JSON.parse(readFileSync(join(clone, 'gl-code-quality-report.json'), 'utf8'))).toHaveLength(1)
  })

  test('pre-commit: stops a breaking commit, and lets a harmless one through', () => {
    using repository = new TestRepository()
    const env = { ...process.env, PATH: npxIn(repository.folder) }
    repository.git('status')
    writeFileSync(join(repository.folder, '.git/info/exclude'), '.bin\n')
    copyFileSync(join(HERE, 'pre-commit'), join(repository.folder, '.git/hooks/pre-commit'))
    const commit = () => {
      repository.git('add', '-A')
      return spawnSync('git', ['commit', '-q', '-m', 'x'], { cwd: repository.folder, encoding: 'utf8', env })
    }
    repository.write('Order.avsc', order([field('total', 'long')]))
    expect(commit().status).toBe(0)
    repository.write('Order.avsc', order([field('total', 'string')]))
    const stopped = commit()
    expect(stopped.status).not.toBe(0)
    expect(`${stopped.stdout}${stopped.stderr}`).toContain('Order.avsc:13:15: ERROR TYPE_MISMATCH')
    repository.write('Order.avsc', order([field('total', 'long'), field('note', 'string', { default: '' })]))
    expect(commit().status).toBe(0)
  })
})

describe('our own events', () => {
  const script = join(HERE, 'our-events.sh')
  const event = 'schemas/events/orders/OrderStarted.avsc'

  /** A clone of a repository with our events as they are, with one field's type changed on top. */
  function clone(depth: readonly string[]): TestRepository {
    const repository = new TestRepository()
    for (const path of ['events', 'schema-check.json', 'schema-check.lock.json']) {
      cpSync(join(ROOT, 'schemas', path), join(repository.folder, 'schemas', path), { recursive: true })
    }
    repository.commit()
    execFileSync('git', ['clone', '-q', ...depth, `file://${repository.folder}`, join(repository.folder, 'shop')])
    const file = join(repository.folder, 'shop', event)
    writeFileSync(file, readFileSync(file, 'utf8').replace(/("name": "basketVersion",\s*"type": )"int"/, '$1"string"'))
    return repository
  }

  test('a breaking change is exit 100 at the line of the field, against the previous commit', () => {
    using repository = clone([])
    const shop = join(repository.folder, 'shop')
    for (const parameters of [
      ['add', '-A'],
      ['-c', 'user.name=t', '-c', 'user.email=t@localhost', 'commit', '-q', '--no-verify', '-m', 'break it'],
    ])
      execFileSync('git', parameters, { cwd: shop })
    const line =
      readFileSync(join(shop, event), 'utf8')
        .split('\n')
        .findIndex((text) => text.includes('"basketVersion"')) + 1
    const { status, stdout, stderr } = spawnSync('sh', [script, process.execPath, CLI], { cwd: shop, encoding: 'utf8' })
    expect(stdout).toContain(
      `${event}:${line}:15: ERROR TYPE_MISMATCH orders-eshop.ordering.OrderStarted.basketVersion: type changed from int to string`,
    )
    expect(status).toBe(100)
    expect(stderr).toContain('git:HEAD~1')
  }, 120_000)

  test('the same against the lock file, where git does not know the previous commit', () => {
    using repository = clone(['--depth', '1'])
    const { status, stdout, stderr } = spawnSync('sh', [script, process.execPath, CLI], {
      cwd: join(repository.folder, 'shop'),
      encoding: 'utf8',
    })
    expect(stderr).toContain('schema-check.lock.json')
    expect(stdout).toContain('ERROR TYPE_MISMATCH orders-eshop.ordering.OrderStarted.basketVersion')
    expect(status).toBe(100)
  }, 120_000)

  test('as they are, they break nobody, and the lock file is up to date', () => {
    for (const parameters of [
      ['check', 'schemas/events', '--against', 'schemas/schema-check.lock.json'],
      ['lock', 'schemas/events', '--check'],
    ]) {
      const { status, stdout, stderr } = spawnSync(process.execPath, [CLI, ...parameters], {
        cwd: ROOT,
        encoding: 'utf8',
      })
      expect(status, `${stdout}${stderr}`).toBe(0)
    }
  })
})
