import { existsSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, test } from 'vitest'
import { MODES } from './compat/modes.ts'
import { loadConfig } from './config.ts'
import { FORMATS } from './report/report.ts'
import { RULES } from './rules/catalogue.ts'
import { TestRepository } from './testing/git-repository.ts'
import { run } from './testing/run.ts'

const HERE = dirname(fileURLToPath(import.meta.url))
const README = readFileSync(join(HERE, 'README.md'), 'utf8')

describe('the README', () => {
  test('lists every rule with its level and title, and no other', () => {
    const listed = README.split('\n')
      .map((line) => line.replace(/ +/g, ' '))
      .filter((line) => /^\| `[A-Z_]+` \| (error|warning) \|/.test(line))
    expect(listed).toEqual(RULES.map(({ id, level, title }) => `| \`${id}\` | ${level} | ${title} |`))
  })

  test('names every mode and every format', () => {
    for (const name of [...MODES, ...FORMATS]) expect(README).toContain(`\`${name}\``)
  })

  test('shows a config that is taken as it stands', () => {
    const [, example = ''] = README.match(/```json\n([\s\S]*?)```/) ?? []
    using repository = new TestRepository()
    repository.write('schema-check.json', example)
    expect(loadConfig(undefined, [], repository.folder).config).toMatchObject({
      enumDefault: 'UNKNOWN',
      suppress: [{ rule: 'TYPE_MISMATCH' }],
    })
  })

  test('names commands and options that exist', async () => {
    const { out } = await run('.', ['--help'])
    for (const command of ['check', 'explain', 'lock', 'compat', 'list', 'diff'])
      expect(out).toMatch(new RegExp(`^  ${command} `, 'm'))
    const help = (await run('.', ['check', '--help'])).out
    for (const option of ['--against', '--mode', '--format', '--fail-on', '--config']) expect(help).toContain(option)
  })

  test('shows the commands of the CI files, which are there', () => {
    for (const file of ['github-actions.yml', 'gitlab-ci.yml', 'pre-commit'])
      expect(existsSync(join(HERE, 'ci', file))).toBe(true)
    const shown = [...README.matchAll(/npx --yes @eshop\/schema-check .*/g)].map(([command]) => command.trim())
    const files = ['github-actions.yml', 'gitlab-ci.yml', 'pre-commit']
      .map((file) => readFileSync(join(HERE, 'ci', file), 'utf8'))
      .join('\n')
    expect(shown).toHaveLength(3)
    for (const command of shown) expect(files).toContain(command)
  })
})
