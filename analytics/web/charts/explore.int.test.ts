import { expect, it } from 'vitest'
import { newId } from '#pipelines/kernel/ids.ts'
import { eventually } from '#pipelines/testing/eventually.ts'
import { orderEvents } from '../../testing/events.ts'
import { answered, inChromium, panel, rangeOf, saved } from '../testing/dashboards.ts'

inChromium('from a chart to what lies behind it', (at) => {
  const { visit, shipped } = at

  it('a drag over one chart zooms all, and the back button undoes it', async () => {
    const { page } = await visit('sales?range=1h')
    const asked: string[] = []
    page.on(
      'request',
      (request) => request.url().includes('/panels/') && asked.push(request.url().split('/').at(-1) ?? ''),
    )
    const box = await panel(page, 'sales-revenue').locator('.u-over').boundingBox()
    if (!box) throw new TypeError('no chart')
    await page.mouse.move(box.x + box.width * 0.4, box.y + 50)
    await page.mouse.down()
    await page.mouse.move(box.x + box.width * 0.8, box.y + 60, { steps: 5 })
    await page.mouse.up()
    await page.waitForFunction(() => location.hash.includes('..'))
    await eventually(() => asked.includes('sales-orders') && asked.includes('sales-products'))
    await answered(page)
    const [from, to] = rangeOf(page)
    expect(to - from).toBeGreaterThan(20 * 60_000)
    expect(to - from).toBeLessThan(28 * 60_000)
    // The axes are those of the new range: its middle stands in the middle.
    for (const id of ['sales-revenue', 'sales-orders']) {
      const chart = panel(page, id).locator('.u-over')
      const { width = 0 } = (await chart.boundingBox()) ?? {}
      await chart.click({ position: { x: width / 2, y: 20 } })
      await page.locator('.page-head').waitFor()
      const [slot] = rangeOf(page)
      const middle = (from + to) / 2
      expect(Math.abs(slot - middle), id).toBeLessThan(60_000)
      await page.goBack()
      await answered(page)
    }
    await page.goBack()
    const range = page.locator('details.range')
    await range.locator('summary', { hasText: 'Last 1 hour' }).click()
    expect(await range.getAttribute('open')).not.toBeNull()
    await panel(page, 'sales-categories').locator('h2').click()
    expect(await range.getAttribute('open')).toBeNull()
    await range.locator('summary').press('Enter')
    await range.getByRole('button', { name: 'Last 7 days' }).press('Escape')
    expect(await range.getAttribute('open')).toBeNull()
    expect(await range.locator('summary').evaluate((element) => element === document.activeElement)).toBe(true)
  })

  it('from a bar to its rows, from a row to the order with every event and its payload, by keyboard', async () => {
    const { page } = await visit('sales')
    await panel(page, 'sales-products')
      .getByRole('button', { name: /Poster/ })
      .focus()
    await page.keyboard.press('Enter')
    await page.getByRole('heading', { name: 'Sold items' }).waitFor()
    expect(await page.locator('.chips').textContent()).toContain('Product: =Poster')
    await page.locator('.data a.order').first().focus()
    await page.keyboard.press('Enter')
    await page.getByRole('heading', { name: shipped }).waitFor()
    const events = page.locator('.timeline .event')
    await events.first().waitFor()
    expect(await events.locator('.what b').allInnerTexts()).toEqual([
      'User checkout accepted',
      'Order started',
      'Order: submitted',
      'Grace period confirmed',
      'Order: awaiting validation',
      'Order stock confirmed',
      'Order: stock confirmed',
      'Order payment succeeded',
      'Order: paid',
      'Order: shipped',
    ])
    await events.last().locator('summary').focus()
    await page.keyboard.press('Enter')
    expect(JSON.parse((await events.last().locator('pre').textContent()) ?? '')).toMatchObject({
      carrier: 'DHL',
      order_id: shipped,
    })
  })

  it('an order that goes on is followed until it ends', async () => {
    const orderId = newId()
    const events = orderEvents('Shipped', { orderId, at: Date.now() - 3 * 86_400_000 })
    await at.shop.publish(...events.slice(0, 3))
    const { page } = await visit('sales')
    await page.goto(`${at.site.url}/#order/${orderId}`)
    const shown = page.locator('.timeline .event')
    await eventually(async () => {
      const again = page.getByRole('button', { name: 'Try again' })
      if (await again.isVisible()) await again.click() // not stored yet
      return (await shown.count()) === 3
    })
    await shown.first().locator('summary').click()
    await at.shop.publish(...events.slice(3))
    await page.locator('.facts .pill', { hasText: 'Shipped' }).waitFor()
    expect(await shown.count()).toBe(10)
    expect(await shown.first().locator('details').getAttribute('open')).not.toBeNull()
  })

  it('the table of a chart and its CSV hold what is shown, in its order, and no formula', async () => {
    const { page } = await visit('sales')
    const products = panel(page, 'sales-products')
    await products.getByRole('button', { name: 'Table' }).click()
    await products.getByRole('columnheader').first().getByRole('button').click()
    const shown = await products.locator('tbody tr td:first-child').allInnerTexts()
    expect(shown).toEqual(['=Poster', 'Mug'])
    const { text: csv, name: fileName } = await saved(page, products, 'CSV')
    expect(csv.split('\r\n').map((line) => line.split(',').slice(0, 4).join(','))).toEqual([
      '\uFEFFproduct,revenue,units,orders',
      "'=Poster,200.00,2,1",
      'Mug,25.00,2,1',
      '',
    ])
    expect(fileName).toMatch(/^top-products-.*\.csv$/)
  })

  it('a panel that is a table is exported in the order it is sorted in, to CSV and to JSON', async () => {
    const { page } = await visit('sales')
    const currencies = panel(page, 'sales-currencies')
    for (const _click of ['ascending', 'descending'])
      await currencies.getByRole('columnheader').first().getByRole('button').click()
    expect(await currencies.locator('tbody td:first-child').allTextContents()).toEqual(['JPY', 'EUR'])
    const lines = (await saved(page, currencies, 'CSV')).text.split('\r\n')
    expect(lines.map((line) => line.split(',')[0])).toEqual(['\uFEFFcurrency', 'JPY', 'EUR', ''])
    const objects = JSON.parse((await saved(page, currencies, 'JSON')).text) as { currency: string }[]
    expect(objects.map(({ currency }) => currency)).toEqual(['JPY', 'EUR'])
  })

  it('a series that is switched off is neither in the table nor exported, and the table says so', async () => {
    const { page } = await visit('sales?refresh=0')
    const orders = panel(page, 'sales-orders')
    expect((await saved(page, orders, 'CSV')).text).toContain('Cancelled')
    await orders.locator('.legend').getByRole('button', { name: 'Cancelled' }).click()
    const table = orders.getByRole('button', { name: 'Table' })
    for (const _view of ['chart', 'table']) {
      for (const kind of ['CSV', 'JSON'] as const) {
        const file = (await saved(page, orders, kind)).text
        expect(file).not.toContain('Cancelled')
        expect(file).toContain('Paid or shipped')
      }
      await table.click()
    }
    await table.click()
    const outcomes = () => orders.locator('tbody td:nth-child(2)').allTextContents()
    expect(new Set(await outcomes())).toEqual(new Set(['Paid or shipped']))
    await orders.getByText('Without Cancelled: switched off in the chart.').waitFor()
    // It stands in the address: a reload shows the same, and so does the way back from rows.
    await page.reload()
    await answered(page)
    expect(new Set(await outcomes())).toEqual(new Set(['Paid or shipped']))
    await orders.locator('tbody td:first-child button').first().click()
    await page.locator('.page-head').waitFor()
    await page.goBack()
    await orders.getByText('Without Cancelled: switched off in the chart.').waitFor()
    await orders.getByRole('button', { name: 'Show all' }).click()
    await eventually(async () => (await outcomes()).includes('Cancelled'))
    expect((await saved(page, orders, 'CSV')).text).toContain('Cancelled')
  })

  it('by keyboard, the table of a time chart leads to the rows of its slot', async () => {
    const { page } = await visit('sales?refresh=0')
    const orders = panel(page, 'sales-orders')
    await orders.getByRole('button', { name: 'Table' }).focus()
    await page.keyboard.press('Enter')
    await orders.locator('tbody td:first-child button').first().focus()
    await page.keyboard.press('Enter')
    await page.locator('.page-head').waitFor()
    const [from, to] = rangeOf(page)
    expect(to - from).toBe(60_000)
  })

  it('what a chart says of a slot lies within a narrow screen, wherever it is pointed at', async () => {
    const { page } = await visit('sales?refresh=0', { width: 390 })
    const orders = panel(page, 'sales-orders')
    await orders.scrollIntoViewIfNeeded()
    const box = await orders.locator('.u-over').boundingBox()
    if (!box) throw new TypeError('no chart')
    for (const share of [0.05, 0.45, 0.55, 0.95]) {
      await page.mouse.move(box.x + box.width * share, box.y + 60)
      const tip = await orders.locator('.tip').boundingBox()
      expect(tip?.x, String(share)).toBeGreaterThanOrEqual(0)
      expect((tip?.x ?? 0) + (tip?.width ?? 0), String(share)).toBeLessThanOrEqual(390)
    }
  })
})
