import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { createServer as createPlainServer } from 'node:http'
import { createServer, type Server } from 'node:https'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { createClient } from '@clickhouse/client'
import { afterAll, beforeAll, expect, inject, it } from 'vitest'
import { systemClock } from '#pipelines/kernel/clock.ts'
import { silentLog } from '#pipelines/kernel/log.ts'
import { run } from '#pipelines/local/process/run.ts'
import { randomName } from '#pipelines/testing/names.ts'
import type { Panel } from '../panels/panel.ts'
import { openReader } from '../store.ts'
import { databasesOf, migrate } from '../tables/migrate.ts'
import { ruleOf } from './read.ts'
import type { Rule } from './rule.ts'
import { startAlerts } from './start.ts'
import { post } from './webhook.ts'

const databases = databasesOf(randomName('alerts'))
const db = createClient({ url: inject('clickhouseUrl') })
const reader = openReader({
  clickhouseUrl: inject('clickhouseUrl'),
  clickhouseUser: 'default',
  clickhousePassword: '',
  clickhouseDatabase: databases.published,
})
let folder: string
let ca: string
let server: Server
let url: string
let heard: { body: { state: string; value: number; key: string }; key: string | undefined }[] = []
let answers: number[] = []

beforeAll(async () => {
  await migrate(db, databases)
  await db.command({ query: `CREATE TABLE ${databases.published}.numbers (n Int64) ENGINE = MergeTree ORDER BY n` })
  folder = await mkdtemp(join(tmpdir(), 'eshop-alerts-'))
  const [key = '', certificate = ''] = ['key.pem', 'certificate.pem'].map((name) => join(folder, name))
  await run('openssl', [
    ...['req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-days', '2', '-keyout', key, '-out', certificate],
    ...['-subj', '/CN=localhost', '-addext', 'subjectAltName=DNS:localhost,DNS:hooks.example,IP:127.0.0.1'],
  ])
  ca = await readFile(certificate, 'utf8')
  server = createServer({ key: await readFile(key), cert: ca }, async (request, response) => {
    const body = JSON.parse(await text(request))
    heard.push({ body, key: request.headers['idempotency-key']?.toString() })
    response.writeHead(answers.shift() ?? 204, { location: 'http://127.0.0.1:1/' }).end()
  }).listen(0, '127.0.0.1')
  await new Promise((listening) => server.once('listening', listening))
  url = `https://127.0.0.1:${(server.address() as AddressInfo).port}/hook`
})

afterAll(async () => {
  server.close()
  for (const name of [databases.published, databases.store]) await db.command({ query: `DROP DATABASE ${name}` })
  await db.close()
  await reader.close()
  await rm(folder, { recursive: true, force: true })
})

const PANEL = {
  id: 'numbers',
  sql: 'SELECT sum(n) AS total FROM numbers HAVING count() > 0',
  parameters: [],
} as unknown as Panel

function start() {
  const rule = ruleOf('too-many', '{"panel":"numbers","above":10,"clearAt":5}', {}) as Rule
  return startAlerts(
    { rules: [{ ...rule, everyMs: 20 }], webhook: url, calling: { allowPrivate: true, ca } },
    {
      store: db,
      storeDatabase: databases.store,
      reader,
      shelf: { current: async () => ({ panels: [PANEL], faults: [] }) },
      ranges: async () => [],
      clock: systemClock,
      log: silentLog,
    },
  )
}

async function setTotal(total: number) {
  await db.command({ query: `TRUNCATE TABLE ${databases.published}.numbers` })
  await db.insert({ table: `${databases.published}.numbers`, values: [{ n: total }], format: 'JSONEachRow' })
}

it('tells its webhook what fires and what is over, again until it is heard, and not anew after a restart', async () => {
  heard = []
  answers = [500, 302]
  await setTotal(11)
  const first = start()
  await expect.poll(() => heard.length, { timeout: 20_000 }).toBe(3)
  expect(heard.map(({ body }) => [body.state, body.value])).toEqual(Array(3).fill(['firing', 11]))
  expect(new Set(heard.map(({ key }) => key)).size).toBe(1)
  expect(heard[0]?.key).toBe(heard[0]?.body.key)
  expect(first.list()).toMatchObject([{ name: 'too-many', phase: 'firing', value: 11, problem: undefined }])
  await expect.poll(async () => await untold()).toBeUndefined()
  await first.close()

  const second = start()
  await expect.poll(() => second.list()[0]?.value, { timeout: 10_000 }).toBe(11)
  await setTotal(7) // between the thresholds
  await expect.poll(() => second.list()[0]?.value, { timeout: 10_000 }).toBe(7)
  expect(second.list()[0]?.phase).toBe('firing')
  await setTotal(5)
  await expect.poll(() => heard.length, { timeout: 10_000 }).toBe(4)
  expect(heard[3]?.body).toMatchObject({ state: 'resolved', value: 5 })
  await second.close()
}, 60_000)

async function untold(): Promise<unknown> {
  const answer = await db.query({
    query: `SELECT state FROM ${databases.store}.alert_states FINAL`,
    format: 'JSONEachRow',
  })
  return JSON.parse((await answer.json<{ state: string }>())[0]?.state ?? '{}').untold
}

it('says why a panel cannot be asked, and goes on', async () => {
  const rule = { ...(ruleOf('lost', '{"panel":"nowhere","above":1}', {}) as Rule), everyMs: 20 }
  const alerts = startAlerts(
    { rules: [rule], webhook: '', calling: { allowPrivate: false } },
    {
      store: db,
      storeDatabase: databases.store,
      reader,
      shelf: { current: async () => ({ panels: [], faults: [] }) },
      ranges: async () => [],
      clock: systemClock,
      log: silentLog,
    },
  )
  await expect.poll(() => alerts.list()[0]?.problem, { timeout: 10_000 }).toMatch(/ALERT_PANEL_UNKNOWN.*nowhere/)
  await alerts.close()
})

it('calls no private address, however it is named, unless that is allowed', async () => {
  let connections = 0
  const inside = createPlainServer((_request, response) => response.end()).listen(0, '127.0.0.1')
  inside.on('connection', () => connections++)
  server.on('connection', () => connections++)
  await new Promise((listening) => inside.once('listening', listening))
  const { port } = server.address() as AddressInfo
  const resolve = async () => [{ address: '127.0.0.1', family: 4 }]
  for (const host of ['127.0.0.1', 'localhost', 'hooks.example', '[::1]', '[::ffff:127.0.0.1]', '0x7f.1', '2130706433'])
    await expect(post(`https://${host}:${port}/`, 'k', {}, { allowPrivate: false, ca, resolve })).rejects.toMatchObject(
      {
        code: 'WEBHOOK_ADDRESS_REFUSED',
      },
    )
  const plain = `http://127.0.0.1:${(inside.address() as AddressInfo).port}/`
  await expect(post(plain, 'k', {}, { allowPrivate: false })).rejects.toMatchObject({ code: 'WEBHOOK_ADDRESS_REFUSED' })
  await expect(post('http://hooks.example/', 'k', {}, { allowPrivate: false, resolve })).rejects.toMatchObject({
    code: 'WEBHOOK_ADDRESS_REFUSED',
  })
  expect(connections).toBe(0)
  await post(plain, 'k', {}, { allowPrivate: true })
  await post(url, 'k', {}, { allowPrivate: true, ca })
  expect(connections).toBe(2)
  inside.close()
})

it('gives up on a webhook that does not answer, and refuses one whose certificate nobody knows', async () => {
  const silent = createPlainServer(() => {}).listen(0, '127.0.0.1')
  await new Promise((listening) => silent.once('listening', listening))
  const { port } = silent.address() as AddressInfo
  await expect(post(`http://127.0.0.1:${port}/`, 'k', {}, { allowPrivate: true, limitMs: 200 })).rejects.toMatchObject({
    code: 'WEBHOOK_FAILED',
    retriable: true,
  })
  silent.closeAllConnections()
  silent.close()
  await expect(post(url, 'k', {}, { allowPrivate: true })).rejects.toMatchObject({ code: 'WEBHOOK_FAILED' })
})
