/**
 * `node analytics/testing/first-paint.ts [URL] [RUNS]`: what each page of a running shop costs a visitor with an empty cache: bytes over the wire by the browser's
 * protocol, first contentful paint, and until every panel has answered. Wants Chromium, and a machine that does nothing else.
 */
import { loadavg } from 'node:os'
import { startBrowser, visitor, wireBytes } from './browser.ts'

const [url = 'http://localhost:7105', runs = '5'] = process.argv.slice(2)
const PAGES = ['sales', 'order-flow', 'stock-and-prices', 'pipeline-health', 'sql']
const browser = await startBrowser()
const one = await visitor(browser)
const { page } = one

const median = (values: readonly number[]) => values.toSorted((a, b) => a - b)[values.length >> 1] ?? Number.NaN
const spread = (values: readonly number[]) =>
  `${median(values).toFixed(0)} (${Math.min(...values).toFixed(0)}-${Math.max(...values).toFixed(0)})`

async function answered() {
  await page.waitForFunction(() => performance.getEntriesByName('first-contentful-paint').length > 0)
  if (page.url().endsWith('#sql')) await page.locator('.code[data-ready]').waitFor()
  await page.locator('main .card').first().waitFor()
  await page.locator('.skeleton, [aria-busy="true"]').first().waitFor({ state: 'detached' })
}

await page.goto(url)
await page.getByRole('button', { name: 'Continue as an analyst' }).click()
await page.getByRole('navigation', { name: 'Pages' }).waitFor()
console.log(`load of the machine before: ${loadavg()[0]?.toFixed(1)}; median (least-most) of ${runs} loads`)
console.log('page              bytes over the wire   first contentful paint, ms   all panels answered, ms')
for (const path of PAGES) {
  const [bytes, paints, answers]: [number[], number[], number[]] = [[], [], []]
  await page.goto(`${url}/#${path}`)
  await answered()
  for (let run = 0; run < Number(runs); run++) {
    const { total } = await wireBytes(one, async () => {
      await page.reload({ waitUntil: 'commit' })
      await answered()
      answers.push(await page.evaluate(() => performance.now()))
    })
    bytes.push(total)
    paints.push(
      await page.evaluate(() => performance.getEntriesByName('first-contentful-paint')[0]?.startTime ?? Number.NaN),
    )
  }
  console.log(`${path.padEnd(18)}${spread(bytes).padEnd(22)}${spread(paints).padEnd(29)}${spread(answers)}`)
}
await browser.close()
