import { existsSync, readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { type Browser, type BrowserContext, chromium, type Page } from 'playwright-core'

/** Where Chromium is: `CHROMIUM_PATH`, or as Debian and others install it. Undefined where there is none. */
export const chromiumPath: string | undefined = [
  process.env.CHROMIUM_PATH,
  '/usr/bin/chromium',
  '/usr/bin/chromium-browser',
  '/usr/bin/google-chrome',
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
].find((path) => path !== undefined && existsSync(path))

/** What a browser needs where it runs as root and has no network: without them it looks for its maker's hosts. */
const FLAGS = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
]

export function startBrowser(): Promise<Browser> {
  return chromium.launch({ executablePath: chromiumPath ?? '', args: FLAGS })
}

export interface Visit {
  readonly width?: number
  readonly dark?: boolean
}

export interface Visitor {
  readonly page: Page
  readonly context: BrowserContext
  /** Everything the page complained of: errors, refused by policy, failed loads. */
  readonly complaints: string[]
  /** Addresses of everything it asked for. */
  readonly requests: string[]
}

/** A new visitor with an empty profile, in a time zone with daylight saving. */
export async function visitor(browser: Browser, { width = 1440, dark = false }: Visit = {}): Promise<Visitor> {
  const context = await browser.newContext({
    viewport: { width, height: width < 500 ? 844 : 900 },
    colorScheme: dark ? 'dark' : 'light',
    locale: 'en-US',
    timezoneId: 'Europe/Vienna',
    acceptDownloads: true,
  })
  const page = await context.newPage()
  const complaints: string[] = []
  const requests: string[] = []
  page.on('pageerror', (error) => complaints.push(String(error)))
  page.on('console', (message) => ['error', 'warning'].includes(message.type()) && complaints.push(message.text()))
  page.on('request', (request) => requests.push(request.url()))
  return { page, context, complaints, requests }
}

/** What came over the wire while something was done with an empty cache, by path: headers and bodies as they were sent, compressed where they were. */
export async function wireBytes(
  { page, context }: Visitor,
  work: () => Promise<void>,
): Promise<{ readonly files: readonly { readonly path: string; readonly bytes: number }[]; readonly total: number }> {
  const protocol = await context.newCDPSession(page)
  const paths = new Map<string, string>()
  const files: { path: string; bytes: number }[] = []
  protocol.on('Network.requestWillBeSent', ({ requestId, request }) =>
    paths.set(requestId, new URL(request.url).pathname),
  )
  protocol.on('Network.loadingFinished', ({ requestId, encodedDataLength }) =>
    files.push({ path: paths.get(requestId) ?? requestId, bytes: encodedDataLength }),
  )
  await protocol.send('Network.enable')
  await protocol.send('Network.setCacheDisabled', { cacheDisabled: true })
  await work()
  await protocol.detach()
  return { files, total: files.reduce((sum, { bytes }) => sum + bytes, 0) }
}

const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8')

interface AxeResult {
  readonly violations: readonly {
    readonly id: string
    readonly nodes: readonly { readonly html: string; readonly failureSummary: string }[]
  }[]
}

/** What stands against WCAG 2.2 AA, by axe-core. Empty is good. */
export async function accessibilityFaults(page: Page): Promise<readonly string[]> {
  await page.evaluate(axe)
  const { violations } = await page.evaluate(() =>
    (globalThis as unknown as { axe: { run(options: object): Promise<AxeResult> } }).axe.run({
      runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'],
      // Views are addresses behind `#`: it takes a link to one for a jump within the page.
      rules: { 'skip-link': { enabled: false } },
    }),
  )
  return violations.flatMap(({ id, nodes }) =>
    nodes.map(
      ({ html, failureSummary }) => `${id}: ${html.slice(0, 160)} ${failureSummary.replace(/\s+/g, ' ').slice(0, 300)}`,
    ),
  )
}
