import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { eventually } from '#pipelines/testing/eventually.ts'
import type { Rule } from '../alerts/rule.ts'
import { accessibilityFaults, wireBytes } from '../testing/browser.ts'
import { orderEvents } from '../testing/events.ts'
import { answered, inChromium, panel, saved } from './testing/dashboards.ts'

const PAGES = ['sales', 'order-flow', 'stock-and-prices', 'pipeline-health'] as const

const MINUTE_MS = 60_000
const rule = (name: string, over: Partial<Rule>): Rule => ({
  name,
  panel: 'flow-totals',
  column: 'median_to_paid_ms',
  reduce: 'max',
  side: 'above',
  threshold: 1_500,
  clearAt: 1_500,
  forMs: 0,
  clearForMs: 0,
  windowMs: 60 * MINUTE_MS,
  everyMs: 500,
  repeatMs: 60 * MINUTE_MS,
  noData: 'keep',
  values: {},
  webhook: undefined,
  ...over,
})
const RULES = [
  rule('slow-to-pay', { clearAt: 1_000 }),
  rule('long-slow-to-pay', { forMs: 60 * MINUTE_MS }),
  rule('very-slow', { threshold: 10 * MINUTE_MS, clearAt: 10 * MINUTE_MS }),
]

inChromium(
  'dashboards',
  (at) => {
    const { newcomer, visit, show, shipped } = at

    it.each([
      ['wide and light', {}],
      ['narrow and dark', { width: 390, dark: true }],
    ] as const)(
      'every page, %s: nothing against WCAG AA, no complaint, nothing sticks out, nothing from elsewhere',
      async (_how, options) => {
        const { page, complaints, requests } = await visit('sales', options)
        for (const hash of [...PAGES, `order/${shipped}`, 'rows/rows-orders?from=sales', 'sql']) {
          await show(page, hash)
          if (hash === 'sql') await page.locator('.code[data-ready]').waitFor()
          await eventually(
            async () => {
              expect(await page.locator('.trouble, .stale-note, .faults').allInnerTexts(), hash).toEqual([])
              return true
            },
            { withinMs: 30_000 },
          )
          expect(await accessibilityFaults(page), hash).toEqual([])
          expect(
            await page.evaluate(() => document.documentElement.scrollWidth - innerWidth),
            hash,
          ).toBeLessThanOrEqual(0)
        }
        // A machine that is too busy answers 503; the page comes again, as the panels above show.
        expect(complaints.filter((text) => !text.includes('status of 503'))).toEqual([])
        expect(requests.filter((address) => !address.startsWith(at.site.url))).toEqual([])
      },
    )

    it('signing in: nothing against WCAG AA; a token that is none is refused, a real one lets in', async () => {
      const one = await newcomer()
      await one.page.getByRole('button', { name: 'Continue' }).waitFor()
      expect(await accessibilityFaults(one.page)).toEqual([])
      await one.page.getByLabel('Access token').fill('hello')
      await one.page.getByRole('button', { name: 'Sign in' }).click()
      await one.page.getByText('That is no access token').waitFor()
      await one.page.getByLabel('Access token').fill('aaaa.bbbb.cccc')
      await one.page.getByRole('button', { name: 'Sign in' }).click()
      await one.page.getByRole('button', { name: 'Continue' }).click()
      await one.page.getByRole('link', { name: 'Pipeline health' }).waitFor()
    })

    it('the first view of each dashboard is under 200 KB over the wire, all answers included, and the editor is not in it', async () => {
      const one = await visit('sales')
      for (const page of PAGES) {
        await show(one.page, page)
        const { files, total } = await wireBytes(one, () => one.page.reload().then(() => answered(one.page)))
        expect(total, page).toBeGreaterThan(30_000)
        expect(total, `${page} ${JSON.stringify(files)}`).toBeLessThan(200 * 1024)
        expect(files.map(({ path }) => path).filter((path) => path.includes('code-'))).toEqual([])
      }
    })

    it('the period before shows beside what is, and where it does not the card says so', async () => {
      const at = Date.now() - 20 * 60_000
      const minutes = (from: number, to: number) =>
        [from, to].map((minute) => new Date(at + minute * 60_000).toISOString()).join('..')
      // All orders of the test lie in the period before.
      const { page } = await visit(`sales?compare=1&refresh=0&range=${minutes(8, 18)}`)
      await panel(page, 'sales-revenue').locator('.legend .before', { hasText: 'Before:' }).waitFor()
      const bar = panel(page, 'sales-brands').locator('.bars li').first()
      expect(await bar.locator('.amount').textContent()).toBe('€0.00')
      expect(await bar.locator('.past').getAttribute('title')).toMatch(/^Before: €\d/)
      expect(await bar.locator('.bar').count()).toBe(0)
      await panel(page, 'sales-brands').getByText('the period before').waitFor()
      await panel(page, 'sales-currencies').getByText('not compared with before').waitFor()
      expect(await accessibilityFaults(page)).toEqual([])
      // Table and files hold both periods, as the chart does.
      const brands = panel(page, 'sales-brands')
      await brands.getByRole('button', { name: 'Table' }).click()
      const periods = await brands.locator('tbody td:last-child').allTextContents()
      expect(periods).toEqual(['before'])
      const { text: csv } = await saved(page, brands, 'CSV')
      expect(csv).toMatch(/^\uFEFFbrand,.*,period\r\nAcme,.*,before\r\n$/)
      await show(page, 'order-flow?compare=1&refresh=0')
      await panel(page, 'flow-throughput').getByText('not compared with before').waitFor()
      await show(page, 'stock-and-prices?compare=1&refresh=0')
      await panel(page, 'stock-totals').getByText('not compared with before').waitFor()
      await page.getByRole('checkbox', { name: 'Compare with before' }).uncheck()
      await answered(page)
      expect(await page.getByText('not compared with before').count()).toBe(0)
    })

    it('a value alone in the slot that is still filling is drawn', async () => {
      const [{ paid = '' } = {}] = await at.shop.rows<{ paid: string }>(
        `SELECT toString(paid_at) AS paid FROM ${at.shop.databases.published}.orders WHERE order_id = '${shipped}'`,
      )
      const paidAt = Date.parse(`${paid.replace(' ', 'T')}Z`)
      // Slots are minutes; the last of them ends behind the range, so it counts as open.
      const slotEnd = Math.floor(paidAt / 60_000) * 60_000 + 60_000
      const range = [slotEnd - 3_600_000, Math.min(paidAt + 1, slotEnd - 1)].map((ms) => new Date(ms).toISOString())
      const { page } = await visit(`sales?refresh=0&range=${range.join('..')}`)
      expect(await panel(page, 'sales-totals').locator('.stat', { hasText: 'Revenue' }).textContent()).toContain('200')
      const inked = await panel(page, 'sales-average-order')
        .locator('canvas')
        .evaluate((canvas: HTMLCanvasElement) => {
          const { data } = canvas.getContext('2d')?.getImageData(0, 0, canvas.width, canvas.height) ?? { data: [] }
          let blue = 0
          for (let at = 0; at < data.length; at += 4)
            if ((data[at + 2] ?? 0) - (data[at] ?? 0) > 100 && (data[at + 3] ?? 0) > 200) blue++
          return blue
        })
      expect(inked).toBeGreaterThan(5)
    })

    it('the strip tells what is older than Kafka holds, and what Kafka dropped before it was read', async () => {
      const { page } = await visit('sales')
      await page.route('**/panels/pipeline-completeness', async (route) => {
        const response = await route.fetch()
        const body = await response.json()
        const place = (name: string) => body.columns.findIndex((column: { name: string }) => column.name === name)
        body.rows[0][place('older')] = 1_200
        body.rows[0][place('gone_unread')] = 7
        await route.fulfill({ response, json: body })
      })
      await show(page, 'pipeline-health')
      const strip = panel(page, 'pipeline-completeness')
      await strip.getByText('Every event exactly once').waitFor()
      expect(await strip.locator('.verdict').textContent()).toContain('Older than Kafka holds1,200')
      expect(await strip.getByRole('alert').textContent()).toMatch(/^7 events are gone\. Kafka dropped them/)
      expect(await accessibilityFaults(page)).toEqual([])
    })

    it('amounts are those of one currency, chosen by the reader', async () => {
      const { page } = await visit('sales')
      const revenue = panel(page, 'sales-totals').locator('.stat', { hasText: 'Revenue' }).locator('.number')
      expect(await revenue.textContent()).toBe('€225.00')
      await page.getByRole('combobox', { name: 'Currency' }).selectOption('JPY')
      await eventually(async () => (await revenue.textContent()) === '¥700')
      expect(await panel(page, 'sales-currencies').locator('tbody tr').allInnerTexts()).toEqual([
        'EUR\t2\t€225.00\t€0.00\t€225.00\t€112.50',
        'JPY\t1\t¥700\t¥0\t¥700\t¥700',
      ])
    })

    it('refreshes by itself without a flicker, and not while the tab is hidden', async () => {
      const { page } = await visit('order-flow?refresh=2')
      const number = panel(page, 'flow-totals').locator('.stat', { hasText: 'Checked out' }).locator('.number')
      const before = Number(await number.textContent())
      await page.evaluate(() => {
        const state = globalThis as unknown as { blinks: number; chart: Element | null }
        state.blinks = 0
        state.chart = document.querySelector('[data-panel="flow-throughput"] canvas')
        new MutationObserver(() => {
          if (document.querySelector('.skeleton, .trouble')) state.blinks++
        }).observe(document.body, { subtree: true, childList: true })
      })
      await at.shop.publish(...orderEvents('Submitted', { at: Date.now() }))
      await eventually(async () => Number(await number.textContent()) === before + 1, { withinMs: 20_000 })
      expect(await page.evaluate(() => (globalThis as unknown as { blinks: number }).blinks)).toBe(0)
      expect(
        await page.evaluate(
          () =>
            document.querySelector('[data-panel="flow-throughput"] canvas') ===
            (globalThis as unknown as { chart: Element }).chart,
        ),
      ).toBe(true)

      const hide = (hidden: boolean) =>
        page.evaluate((value) => {
          Object.defineProperty(document, 'hidden', { configurable: true, get: () => value })
          document.dispatchEvent(new Event('visibilitychange'))
        }, hidden)
      await answered(page)
      await hide(true)
      await answered(page)
      let asked = 0
      page.on('request', (request) => request.url().includes('/panels/') && asked++)
      await page.waitForTimeout(4_500) // two refreshes long: that nothing comes cannot be awaited
      expect(asked).toBe(0)
      await hide(false)
      await eventually(() => asked > 0)
    })

    it('says how old it is when there is no answer, keeps what it had, and recovers', async () => {
      const { page } = await visit('sales?refresh=0')
      const totals = panel(page, 'sales-totals')
      const had = await totals.locator('.number').allInnerTexts()
      await page.route('**/panels/**', (route) => route.abort())
      await page.keyboard.press('r')
      await totals.getByRole('alert').getByText('The server does not answer.').waitFor()
      expect(await totals.locator('.number').allInnerTexts()).toEqual(had)
      expect(await accessibilityFaults(page)).toEqual([])
      await page.goto(`${at.site.url}/#order-flow?refresh=0`)
      await panel(page, 'flow-funnel').getByRole('alert').getByText('The server does not answer.').waitFor()
      expect(await accessibilityFaults(page)).toEqual([])
      await page.goBack()
      await totals.getByRole('alert').waitFor()
      await page.unroute('**/panels/**')
      await page.keyboard.press('r')
      await totals.getByRole('alert').waitFor({ state: 'detached' })
    })

    it('alerts: on every page what fires and what may, with value and since when, and on the card of its panel; all of them at the end', async () => {
      const { page } = await visit('sales')
      const firing = page.locator('[data-alert="slow-to-pay"]')
      await firing.waitFor()
      expect((await firing.textContent())?.replace(/\s+/g, '')).toMatch(
        /^▲FiringSlowtopay[\d.]+s,firesabove1.5s,overat1sfor[\d.]+(ms|s|min)Ordersataglance$/,
      )
      expect(await page.locator('[data-alert="long-slow-to-pay"]').textContent()).toMatch(/Pending/)
      expect(await page.locator('[data-alert="very-slow"]').count()).toBe(0)
      await page.locator('.all-alerts summary', { hasText: '3 alerts watched, 2 not well' }).click()
      expect(await page.locator('.all-alerts tbody tr').allInnerTexts()).toEqual([
        expect.stringMatching(/Slow to pay\s+Firing/),
        expect.stringMatching(/Long slow to pay\s+Pending/),
        expect.stringMatching(/Very slow\s+Well\s+[\d.]+ s\s+above 10 min/),
      ])
      await firing.getByRole('link', { name: 'Orders at a glance' }).click()
      expect(await panel(page, 'flow-totals').locator('.badge').allInnerTexts()).toEqual(['Alert', 'Alert pending'])
      expect(await panel(page, 'flow-now').locator('.badge').count()).toBe(0)
    })

    it('a new file is a new panel; a bad one is told with its line and takes nothing else with it', async () => {
      await writeFile(
        join(at.folder, 'mine.sql'),
        '-- title: Countries\n-- dashboard: My page\n-- chart: bars\n\nSELECT country, count() AS orders FROM orders GROUP BY country\n',
      )
      await writeFile(join(at.folder, 'bad.sql'), '-- title: Bad\n-- dashboard: Sales\n-- chart: cake\n\nSELECT 1\n')
      const { page } = await visit('sales')
      // The files are looked at when a page opens, at most once a second.
      await eventually(async () => {
        await page.reload()
        await answered(page)
        return (await page.getByRole('navigation', { name: 'Pages' }).textContent())?.includes('My page') ?? false
      })
      await show(page, 'my-page')
      await panel(page, 'mine').getByText('Austria').waitFor()
      await page.getByRole('alert').getByText('bad.sql:3').waitFor()
      await page.getByRole('alert').getByText('chart is "cake"').waitFor()
    })
  },
  RULES,
)
