import { chmodSync, cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { root } from '#pipelines/local/paths.ts'
import { startProcess } from '#pipelines/testing/process.ts'

const NODE_DIRECTORY = dirname(process.execPath)

/** Stands in for npm: notes its call, takes a moment, and leaves what `npm ci` leaves. */
const FAKE_NPM = `#!/usr/bin/env node
const { appendFileSync, mkdirSync, copyFileSync } = require('node:fs')
appendFileSync('calls', process.argv.slice(2).join(' ') + '\\n')
if (process.env.NPM_FAILS) { console.error('E404 no such package'); process.exit(1) }
setTimeout(() => {
  mkdirSync('node_modules', { recursive: true })
  copyFileSync('package-lock.json', 'node_modules/.package-lock.json')
}, 300)
`
const COMMANDS = `
console.log('arguments', process.argv.slice(2).join(' '))
if (process.argv[2] === 'wait') {
  process.on('SIGTERM', () => { console.log('ended in order'); process.exit(7) })
  process.on('disconnect', () => { console.log('alone'); process.exit(9) })
  console.log('waiting', process.pid)
  setInterval(() => {}, 1000)
} else process.exit(Number(process.argv[3] ?? 0))
`
let clone: string

beforeEach(() => {
  clone = mkdtempSync(join(tmpdir(), 'eshop-clone-'))
  for (const path of ['bin/eshop.js', 'bin/launcher']) cpSync(join(root, path), join(clone, path), { recursive: true })
  writeFileSync(join(clone, 'bin/commands.ts'), COMMANDS)
  writeFileSync(join(clone, 'package.json'), '{"type":"module"}')
  writeFileSync(join(clone, 'package-lock.json'), lockFile('1.0.0'))
  mkdirSync(join(clone, 'tools'))
  writeFileSync(join(clone, 'tools/package.json'), '{"type":"commonjs"}')
  writeFileSync(join(clone, 'tools/npm'), FAKE_NPM)
  chmodSync(join(clone, 'tools/npm'), 0o755)
})
afterEach(() => rmSync(clone, { recursive: true }))

const lockFile = (version: string) =>
  JSON.stringify({ packages: { '': {}, 'node_modules/a': { version }, 'node_modules/b': { version, optional: true } } })

function eshop(args: readonly string[], env: Record<string, string> = {}) {
  const PATH = `${join(clone, 'tools')}:${NODE_DIRECTORY}:/usr/bin:/bin`
  return startProcess([join(clone, 'bin/eshop.js'), ...args], { cwd: clone, env: { PATH, CI: 'true', ...env } })
}
async function outcome(args: readonly string[], env: Record<string, string> = {}) {
  const running = eshop(args, env)
  return { ...(await running.exited), output: running.output() }
}
const calls = () =>
  existsSync(join(clone, 'calls')) ? readFileSync(join(clone, 'calls'), 'utf8').trim().split('\n') : []

test('the first call installs what the lock file says, later ones only run', async () => {
  expect(await outcome(['status', '0'])).toMatchObject({
    code: 0,
    output: expect.stringMatching(/Installed packages: .* \d+ s\narguments status 0/),
  })
  expect(await outcome(['status', '0'])).toMatchObject({ code: 0, output: 'arguments status 0\n' })
  expect(calls()).toHaveLength(1)
})

test('a changed lock file is installed anew', async () => {
  await outcome(['status'])
  writeFileSync(join(clone, 'package-lock.json'), lockFile('2.0.0'))
  await outcome(['status'])
  await outcome(['status'])
  expect(calls()).toHaveLength(2)
})

test('two first calls at once install once', async () => {
  const both = await Promise.all([outcome(['status']), outcome(['doctor'])])
  expect(both.map(({ code }) => code)).toEqual([0, 0])
  expect(calls()).toHaveLength(1)
})

test('the lock of an installation that was killed does not block the next', async () => {
  mkdirSync(join(clone, '.eshop'))
  writeFileSync(join(clone, '.eshop/install.lock'), '4194304') // beyond any process number
  expect(await outcome(['status'])).toMatchObject({ code: 0 })
})

test('a failed installation says what npm said, and is tried again next time', async () => {
  const failed = await outcome(['status'], { NPM_FAILS: '1' })
  expect(failed).toMatchObject({ code: 1, output: expect.stringContaining('E404 no such package') })
  expect(failed.output).not.toContain('arguments')
  expect(await outcome(['status'])).toMatchObject({ code: 0 })
})

test('a machine without npm gets one clear message', async () => {
  rmSync(join(clone, 'tools/npm'))
  const running = startProcess([join(clone, 'bin/eshop.js'), 'status'], { cwd: clone, env: { PATH: '/nowhere' } })
  expect(await running.exited).toMatchObject({ code: 1 })
  expect(running.output()).toContain('npm is missing')
})

test('arguments go in, the exit code comes out', async () => {
  expect(await outcome(['check', '100'])).toMatchObject({ code: 100 })
})

test('a signal reaches the command, which ends in its own time', async () => {
  const running = eshop(['wait'])
  await running.saw('waiting')
  running.signal('SIGTERM')
  expect(await running.exited).toEqual({ code: 7, signal: null })
  expect(running.output()).toContain('ended in order')
})

test('a killed launcher does not leave the command behind', async () => {
  const running = eshop(['wait'])
  await running.saw('waiting')
  running.signal('SIGKILL')
  await running.saw('alone')
})
