import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { newId } from '#pipelines/kernel/ids.ts'
import { eventually } from '#pipelines/testing/eventually.ts'
import { type TestIssuer, testIssuer } from '#pipelines/testing/tokens.ts'
import { OWN_PANELS, readPanels } from './panels/read.ts'
import { item, orderEvents } from './testing/events.ts'
import { type Harness, harness } from './testing/harness.ts'
import { type Site, startSite } from './testing/site.ts'

let shop: Harness
let site: Site
let issuer: TestIssuer
let folder: string
const refunded = newId()
const at = Date.now() - 30 * 60_000
const { panels } = await readPanels([OWN_PANELS])

async function ask(panel: string, body: object = {}, role: 'analyst' | 'customer' = 'analyst') {
  const span = { from: new Date(at - 3_600_000).toISOString(), to: new Date(at + 3_600_000).toISOString() }
  const answer = await site.analytics.http.inject({
    method: 'POST',
    url: `/v1/analytics/panels/${panel}`,
    headers: await issuer.bearer(role),
    payload: { ...span, stepSeconds: 60, timezone: 'Europe/Vienna', ...body },
  })
  return { status: answer.statusCode, body: answer.json() }
}

async function get(url: string, headers: Record<string, string> = {}) {
  return await site.analytics.http.inject({ url, headers: { ...(await issuer.bearer('analyst')), ...headers } })
}

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'eshop-panels-'))
  shop = await harness()
  issuer = await testIssuer()
  site = await startSite(shop, issuer, folder)
  const items = [item({ category: 'audio', unitPriceMinor: 10_000, quantity: 2 })]
  await shop.publish(
    ...orderEvents('Shipped', { items, at }),
    ...orderEvents('Paid', { at: at + 60_000 }),
    ...orderEvents('Refunded', { orderId: refunded, at }),
    ...orderEvents('PaymentFailed', { at }),
    ...orderEvents('Paid', { currency: 'JPY', items: [item({ unitPriceMinor: 700, quantity: 1 })], at }),
  )
  await eventually(async () => {
    const { body } = await ask('pipeline-completeness')
    const sum = (name: string) => {
      const index = body.columns.findIndex((column: { name: string }) => column.name === name)
      return body.rows.reduce((total: number, row: number[]) => total + (row[index] ?? 0), 0)
    }
    expect(sum('in_kafka')).toBeGreaterThan(0)
    expect(sum('in_clickhouse')).toBe(sum('in_kafka'))
    expect([sum('missing'), sum('twice'), sum('lag')]).toEqual([0, 0, 0])
    return true
  })
}, 60_000)

afterAll(async () => {
  await site?.close()
  await shop?.close()
  await rm(folder, { recursive: true, force: true })
})

describe('panels', () => {
  it.each(panels.map(({ id }) => id))('%s answers', async (id) => {
    const { status, body } = await ask(id, { values: { currency: 'EUR' } })
    expect(body.detail ?? '').toBe('')
    expect(status).toBe(200)
    expect(body.columns.length).toBeGreaterThan(0)
  })

  it('amounts are of one currency, and refunds are taken off', async () => {
    const revenue = async (currency: string) => {
      const { body } = await ask('sales-totals', { values: { currency } })
      return Object.fromEntries(
        body.columns.map(({ name }: { name: string }, index: number) => [name, body.rows[0][index]]),
      )
    }
    expect(await revenue('EUR')).toMatchObject({ revenue_minor: 20_000 + 2_500, orders: 4, refunded_minor: 2_500 })
    expect(await revenue('JPY')).toMatchObject({ revenue_minor: 700, orders: 1, refunded_minor: 0 })
  })

  it('a value is a value and never SQL', async () => {
    const { status, body } = await ask('sales-totals', {
      values: { currency: "EUR' OR 1 = 1 --", channel: '{from:String}' },
    })
    expect(status).toBe(200)
    expect(body.rows[0][1]).toBe(0)
  })

  it('days begin in the reader’s time zone', async () => {
    const midnight = Date.parse('2026-03-28T23:00:00Z') // of a day of 23 hours
    await shop.publish(...orderEvents('Paid', { currency: 'CHF', at: midnight + 60_000 }))
    const span = {
      from: '2026-03-01T00:00:00Z',
      to: '2026-04-01T00:00:00Z',
      stepSeconds: 86_400,
      values: { currency: 'CHF' },
    }
    const rows = await eventually(async () => {
      const { body } = await ask('sales-orders', span)
      return body.rows.length > 0 && body.rows
    })
    expect(rows).toEqual([['2026-03-28T23:00:00Z', 'Paid or shipped', 1]])
    expect((await ask('sales-orders', { ...span, timezone: 'UTC' })).body.rows[0][0]).toBe('2026-03-28T00:00:00Z')
  })

  it.each([
    [{ from: '2026-01-02T00:00:00Z', to: '2026-01-01T00:00:00Z' }, 400, 'SPAN_INVALID'],
    [{ from: '2020-01-01T00:00:00Z', stepSeconds: 1 }, 400, 'STEP_TOO_SMALL'],
    [{ timezone: 'Europe/Atlantis' }, 400, 'TIMEZONE_UNKNOWN'],
    [{ values: { currency: 'E'.repeat(300) } }, 400, 'REQUEST_INVALID'],
  ])('%o is refused', async (body, status, code) => {
    expect(await ask('sales-totals', body)).toMatchObject({ status, body: { code } })
  })

  it('are for analysts, operators and support', async () => {
    expect((await ask('sales-totals', {}, 'customer')).status).toBe(403)
    expect((await ask('nothing')).body).toMatchObject({ code: 'PANEL_UNKNOWN' })
  })

  it('a file whose SQL is wrong answers what ClickHouse says of it', async () => {
    await writeFile(
      join(folder, 'mine.sql'),
      '-- title: Mine\n-- dashboard: Sales\n-- chart: table\n\nSELECT nothing FROM orders\n',
    )
    const { status, body } = await eventually(async () => {
      const answer = await ask('mine')
      return answer.status !== 404 && answer
    })
    expect(status).toBe(422)
    expect(body).toMatchObject({ code: 'PANEL_REFUSED', detail: expect.stringContaining('nothing') })
  })
})

it('one order: every event across topics with what it said, and nothing sensitive', async () => {
  const answer = await get(`/v1/analytics/orders/${refunded}/events`)
  const { items } = answer.json()
  expect(items.map(({ type }: { type: string }) => type)).toEqual([
    'UserCheckoutAccepted',
    'OrderStarted',
    'OrderStatusChangedToSubmitted',
    'GracePeriodConfirmed',
    'OrderStatusChangedToAwaitingValidation',
    'OrderStockConfirmed',
    'OrderStatusChangedToStockConfirmed',
    'OrderPaymentSucceeded',
    'OrderStatusChangedToCancelled',
    'OrderPaymentRefunded',
  ])
  expect(items[0].payload).toMatchObject({
    order_id: refunded,
    total_minor: 2_500,
    currency: 'EUR',
    items: [{ name: 'Mug' }],
  })
  expect(answer.payload).not.toMatch(/Secret Street|tok_visa|1010/)
})

describe('the page', () => {
  it('has a strict policy and names that may be kept for ever', async () => {
    const page = await get('/')
    const policy = String(page.headers['content-security-policy'])
    expect(policy).toMatch(/default-src 'none'.*script-src 'self';.*require-trusted-types-for 'script'/)
    expect(policy).not.toMatch(/unsafe|http:|https:|\*/)
    expect(page.payload).not.toMatch(/<script(?! src| type="module" src)|<style|style=|https?:/)
    expect((await get('/', { 'if-none-match': String(page.headers.etag) })).statusCode).toBe(304)
    const [, main] = /src="(\/assets\/main-[^"]+)"/.exec(page.payload) ?? []
    const script = await get(String(main), { 'accept-encoding': 'gzip' })
    expect(script.headers).toMatchObject({
      'content-encoding': 'gzip',
      'cache-control': expect.stringContaining('immutable'),
    })
    expect((await get('/assets/../config.ts')).statusCode).toBe(404)
  })

  it.each([
    ['of this page', {}, 200],
    ['of this page, by an older browser', { origin: 'http://localhost:80' }, 200],
    ['of a foreign page', { 'sec-fetch-site': 'cross-site' }, 403],
    ['of a page of another port', { 'sec-fetch-site': 'same-site' }, 403],
    ['of a page that points its name here', { host: 'evil.example' }, 403],
    ['of a form of a foreign page', { origin: 'null' }, 403],
  ])('gives a local token at the wish %s: %o is %d', async (_case, headers, status) => {
    const answer = await site.analytics.http.inject({
      method: 'POST',
      url: '/v1/analytics/local-token',
      headers: { host: 'localhost:80', 'sec-fetch-site': 'same-origin', ...headers },
    })
    expect(answer.statusCode).toBe(status)
  })
})
