import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Browser, Locator, Page } from 'playwright-core'
import { afterAll, afterEach, beforeAll, describe } from 'vitest'
import { newId } from '#pipelines/kernel/ids.ts'
import { eventually } from '#pipelines/testing/eventually.ts'
import { testIssuer } from '#pipelines/testing/tokens.ts'
import type { Rule } from '../../alerts/rule.ts'
import { chromiumPath, startBrowser, type Visit, type Visitor, visitor } from '../../testing/browser.ts'
import { item, orderEvents } from '../../testing/events.ts'
import { type Harness, harness } from '../../testing/harness.ts'
import { type Site, startSite } from '../../testing/site.ts'

/** The pages in a browser, before a small shop: EUR 225.00 and JPY 700 paid, one order shipped, one payment failed, 20 minutes ago. */
export interface Dashboards {
  readonly shop: Harness
  readonly site: Site
  /** Where a test may put panels of its own. */
  readonly folder: string
  /** Alice's order, shipped: two of `=Poster` at EUR 100. */
  readonly shipped: string
  /** A visitor in a browser of their own, at no page yet; gone when the test ends. */
  newcomer(options?: Visit): Promise<Visitor>
  /** A visitor who is signed in, at a page whose panels have all answered. */
  visit(hash: string, options?: Visit): Promise<Visitor>
  show(page: Page, hash: string): Promise<void>
}

/** Runs tests where there is a Chromium, each of which gets the same shop; `rules` are the alerts watched. */
export function inChromium(title: string, tests: (at: Dashboards) => void, rules: readonly Rule[] = []): void {
  describe.skipIf(chromiumPath === undefined)(
    `${title}, in Chromium (Debian: apt-get install chromium, or CHROMIUM_PATH)`,
    () => tests(prepared(rules)),
  )
}

function prepared(rules: readonly Rule[]): Dashboards {
  let shop: Harness
  let site: Site
  let browser: Browser
  let folder: string
  const open: Visitor[] = []
  const shipped = newId()

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'eshop-panels-'))
    shop = await harness()
    site = await startSite(shop, await testIssuer(), folder, rules)
    await shop.publish(...smallShop(shipped))
    browser = await startBrowser()
    await eventually(async () => {
      const [row] = await shop.rows<{ orders: number }>(
        `SELECT count() AS orders FROM ${shop.databases.published}.orders WHERE paid_at IS NOT NULL`,
      )
      return row?.orders === 3
    })
  }, 180_000)
  afterEach(async () => {
    for (const { context } of open.splice(0)) await context.close()
  })
  afterAll(async () => {
    await browser?.close()
    await site?.close()
    await shop?.close()
    if (folder) await rm(folder, { recursive: true })
  })

  async function newcomer(options: Visit = {}) {
    const one = await visitor(browser, options)
    open.push(one)
    await one.page.goto(site.url)
    return one
  }
  async function show(page: Page, hash: string) {
    await page.goto(`${site.url}/#${hash}`)
    await answered(page)
  }
  return {
    get shop() {
      return shop
    },
    get site() {
      return site
    },
    get folder() {
      return folder
    },
    shipped,
    newcomer,
    async visit(hash, options) {
      const one = await newcomer(options)
      await one.page.getByRole('button', { name: 'Continue as an analyst' }).click()
      await one.page.getByRole('navigation', { name: 'Pages' }).waitFor()
      await show(one.page, hash)
      return one
    },
    show,
  }
}

function smallShop(shipped: string) {
  const at = Date.now() - 20 * 60_000
  const poster = item({ name: '=Poster', category: 'art', brand: 'Acme', unitPriceMinor: 10_000, quantity: 2 })
  return [
    ...orderEvents('Shipped', { orderId: shipped, customerId: 'alice', items: [poster], at }),
    ...orderEvents('Paid', { at: at + 60_000 }),
    ...orderEvents('PaymentFailed', { at: at + 120_000 }),
    ...orderEvents('Paid', { currency: 'JPY', items: [item({ unitPriceMinor: 700, quantity: 1 })], at }),
  ]
}

/** All panels of the page have said something. */
export async function answered(page: Page): Promise<void> {
  await page.waitForFunction(
    () => document.querySelector('main .card') && !document.querySelector('.skeleton, [aria-busy="true"]'),
  )
}

export const panel = (page: Page, id: string): Locator => page.locator(`[data-panel="${id}"]`)

/** What a file downloaded by this button of a panel holds. */
export async function saved(page: Page, from: Locator, kind: 'CSV' | 'JSON'): Promise<{ name: string; text: string }> {
  const [download] = await Promise.all([
    page.waitForEvent('download'),
    from.getByRole('button', { name: kind }).click(),
  ])
  return { name: download.suggestedFilename(), text: await readFile(await download.path(), 'utf8') }
}

/** The range that stands in the page's address, as times in milliseconds. */
export function rangeOf(page: Page): [from: number, to: number] {
  const [from = '', to = ''] = decodeURIComponent(/range=([^&]+)/.exec(page.url())?.[1] ?? '').split('..')
  return [Date.parse(from), Date.parse(to)]
}
