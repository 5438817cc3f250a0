import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { decodeJwt } from 'jose'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { startProcess } from '#pipelines/testing/process.ts'
import { startIssuer } from '../issuer/app.ts'
import { signingKey } from '../issuer/keys.ts'
import { freePorts } from '../ports.ts'

let home: string
let ports: Record<string, string>

beforeEach(async () => {
  home = mkdtempSync(join(tmpdir(), 'eshop-home-'))
  const names = [
    'KAFKA',
    'KAFKA_CONTROLLER',
    'REGISTRY',
    'POSTGRES',
    'CLICKHOUSE',
    'IDENTITY',
    'BASKET',
    'CATALOG',
    'ORDERING',
    'PAYMENT',
    'ANALYTICS',
  ]
  const free = await freePorts(...names)
  ports = Object.fromEntries(Object.entries(free).map(([name, port]) => [`${name}_PORT`, String(port)]))
})
afterEach(() => rmSync(home, { recursive: true }))

async function eshop(args: readonly string[], env: Record<string, string | undefined> = {}) {
  const running = startProcess(['bin/commands.ts', ...args], {
    env: { ...ports, ESHOP_HOME: home, NO_COLOR: '1', ...env },
  })
  const { code } = await running.exited
  return { code, output: running.output() }
}

/** A PATH whose only programs are the given scripts and what the system needs. */
function pathWith(scripts: Record<string, string>): string {
  for (const [name, script] of Object.entries(scripts)) {
    writeFileSync(join(home, name), `#!/bin/sh\n${script}\n`)
    chmodSync(join(home, name), 0o755)
  }
  return `${home}:${dirname(process.execPath)}`
}

test('up leaves out a part by its name, whose port may be taken, and knows the names', async () => {
  expect(await eshop(['up', '--without', 'odering'])).toMatchObject({
    code: 2,
    output: expect.stringMatching(/there is no part odering: there are kafka, .*ordering/),
  })
  const debuggers = createServer().listen(Number(ports.ORDERING_PORT), '127.0.0.1')
  const occupier = createServer().listen(Number(ports.CATALOG_PORT), '127.0.0.1')
  const { code, output } = await eshop(['up', '--without', 'ordering', 'tasks'])
  for (const server of [debuggers, occupier]) await new Promise((resolve) => server.close(resolve))
  expect(code).toBe(2)
  expect(output).toContain('needed by catalog, is taken')
  expect(output).not.toContain('needed by ordering')
})

test('up names the port that is taken, the part that needs it and the variable that moves it', async () => {
  const occupier = createServer().listen(Number(ports.CATALOG_PORT), '127.0.0.1')
  const { code, output } = await eshop(['up'])
  await new Promise((resolve) => occupier.close(resolve))
  expect(code).toBe(2)
  expect(output).toContain(`port ${ports.CATALOG_PORT}, needed by catalog, is taken`)
  expect(output).toMatch(/fix: .*CATALOG_PORT=\d+ npm start/)
})

test('up names two parts that were given the same port', async () => {
  const { code, output } = await eshop(['up'], { BASKET_PORT: ports.CATALOG_PORT })
  expect(code).toBe(2)
  expect(output).toContain('needed by basket, is also the port of catalog')
})

test('up without Java says so and how to get it', async () => {
  const { code, output } = await eshop(['up'], { PATH: pathWith({}), JAVA_HOME: undefined })
  expect(code).toBe(2)
  expect(output).toContain('Java is missing')
  expect(output).toContain('openjdk-17')
})

test('up with an old Java says which it found', async () => {
  const PATH = pathWith({ java: `echo 'openjdk version "11.0.2" 2019-01-15' >&2` })
  const { code, output } = await eshop(['up'], { PATH, JAVA_HOME: undefined })
  expect(code).toBe(2)
  expect(output).toContain('Java 11.0.2 is too old')
})

test('a port that is no number is an error that names its variable', async () => {
  const { code, output } = await eshop(['up'], { KAFKA_PORT: 'many' })
  expect(code).toBe(2)
  expect(output).toContain('KAFKA_PORT')
})

test('the local stack does not start in production', async () => {
  const { code, output } = await eshop(['up'], { NODE_ENV: 'production' })
  expect(code).toBe(2)
  expect(output).toContain('NODE_ENV=production')
})

test('without a running shop: status finds that out, down has nothing to do, token says what to start', async () => {
  expect(await eshop(['status'])).toMatchObject({ code: 100, output: expect.stringContaining('npm start') })
  expect(await eshop(['status', '--json'])).toMatchObject({ code: 100, output: expect.stringContaining('"stopped"') })
  expect(await eshop(['down'])).toMatchObject({ code: 0, output: expect.stringContaining('not running') })
  expect(await eshop(['token', '--role', 'customer'])).toMatchObject({
    code: 1,
    output: expect.stringContaining('npm start'),
  })
})

test('doctor as JSON lists each thing it looked at', async () => {
  const { output } = await eshop(['doctor', '--json'])
  const { checks } = JSON.parse(output) as { checks: { name: string; ok: boolean }[] }
  expect(checks.map(({ name }) => name)).toEqual(
    expect.arrayContaining(['Node', 'npm', 'Java', 'Maven', 'Disk', 'Memory']),
  )
})

test('reset deletes nothing unasked', async () => {
  writeFileSync(join(home, 'data'), 'precious')
  expect(await eshop(['reset'])).toMatchObject({ code: 2, output: expect.stringContaining('--yes') })
})

test('token prints nothing but the token', async () => {
  const port = Number(ports.IDENTITY_PORT)
  const issuer = { issuer: `http://127.0.0.1:${port}`, audience: 'eshop', key: await signingKey(home) }
  const app = await startIssuer(issuer, { host: '127.0.0.1', port })
  const { code, output } = await eshop([
    'token',
    '--role',
    'support',
    '--role',
    'operator',
    '--sub',
    'sam',
    '--ttl',
    '5m',
  ])
  await app.close()
  expect(code).toBe(0)
  const { sub, roles, exp = 0, iat = 0 } = decodeJwt(output.trim())
  expect({ sub, roles, ttl: exp - iat }).toEqual({ sub: 'sam', roles: ['support', 'operator'], ttl: 300 })
})

test.each([
  ['a role that does not exist', ['--role', 'king']],
  ['no role', []],
  ['a time without a unit', ['--role', 'customer', '--ttl', '60']],
  ['an e-mail as subject', ['--role', 'customer', '--sub', 'alice@shop.example']],
])('token with %s is a usage error', async (_case, args) => {
  expect((await eshop(['token', ...args])).code).toBe(2)
})

test.each(['up', 'down', 'status', 'reset', 'doctor', 'token', 'test', 'check'])(
  '%s --help shows examples',
  async (name) => {
    expect(await eshop([name, '--help'])).toMatchObject({ code: 0, output: expect.stringContaining('Examples:') })
  },
)
