import { CodedError } from '#pipelines/kernel/errors.ts'
import { newId } from '#pipelines/kernel/ids.ts'
import { formatMinor, parseMinor } from '#pipelines/kernel/money.ts'
import { each } from '../each.ts'
import type { Shop } from '../rest/shop.ts'
import type { Answer } from '../rest/transport.ts'
import type { Page, Problem, Product } from '../rest/views.ts'
import type { InvoiceLine } from './invoices.ts'

/** The history's products as the catalog has them, kept up with what this replay changes. */
export interface ReplayShelf {
  /** The product's id; made, priced and stocked as the line needs it. @throws CatalogRefused */
  ready(line: InvoiceLine): Promise<string>
}

/** The catalog does not take a product or a price; `code` is the catalog's own. */
export class CatalogRefused extends CodedError {}

interface Known {
  readonly id: string
  readonly priceMinor: number
}

const AT_ONCE = 4
const STAFF = 'replay-staff'
/** A sku that is taken by what cannot be sold (discontinued, another currency) gets a name beside it. */
const MOST_NAMES = 9
const MOST_NAME_LENGTH = 200
const STALE_ATTEMPTS = 5

/**
 * Reads the catalog once, and tops up every product that has fewer units than the invoices still need.
 * @throws CatalogRefused
 */
export async function openReplayShelf(
  shop: Shop,
  currency: string,
  units: ReadonlyMap<string, number>,
): Promise<ReplayShelf> {
  const known = new Map<string, Known>()
  const making = new Map<string, Promise<Known>>()
  const at = (path: string) => `${shop.endpoints.catalog}/v1/products${path}`

  async function topUp(sku: string, { id, available }: Product): Promise<void> {
    const missing = (units.get(sku) ?? 0) - available
    if (missing <= 0) return
    const answer = await shop.as<Problem>(STAFF, 'catalog-admin', {
      method: 'POST',
      url: at(`/${id}/stock`),
      headers: { 'idempotency-key': newId() },
      body: { delta: missing, reason: 'RECEIVED' },
    })
    expectOk(answer, `stock of ${id}`)
  }

  async function make(line: InvoiceLine): Promise<Known> {
    for (let number = 1; ; number++) {
      const sku = number === 1 ? line.sku : `${line.sku}~${number}`
      const answer = await shop.as<Product & Problem & { productId?: string }>(STAFF, 'catalog-admin', {
        method: 'POST',
        url: at(''),
        body: {
          sku,
          name: nameOf(line),
          brand: 'Replay',
          category: 'replay',
          price: { amount: formatMinor(line.priceMinor, currency), currency },
          stock: units.get(line.sku) ?? 0,
        },
      })
      if (answer.body.code !== 'SKU_TAKEN' || number === MOST_NAMES) {
        expectOk(answer, `product ${sku}`)
        return { id: answer.body.id, priceMinor: line.priceMinor }
      }
      // Taken: also by ourselves, when the answer to the first attempt was lost.
      const { body: taken } = await shop.product(String(answer.body.productId))
      if (!taken.discontinued && taken.price.currency === currency) return adopt(line, taken)
    }
  }

  async function adopt(line: InvoiceLine, product: Product): Promise<Known> {
    await topUp(line.sku, product)
    const priceMinor = parseMinor(product.price.amount, currency)
    return priceMinor === line.priceMinor ? { id: product.id, priceMinor } : setPrice(product.id, line.priceMinor)
  }

  async function setPrice(id: string, priceMinor: number): Promise<Known> {
    for (let attempt = 1; ; attempt++) {
      const { headers } = await shop.product(id)
      const answer = await shop.as<Problem>(STAFF, 'catalog-admin', {
        method: 'PUT',
        url: at(`/${id}/price`),
        headers: { 'if-match': String(headers.etag) },
        body: { price: { amount: formatMinor(priceMinor, currency), currency } },
      })
      if (answer.status === 412 && attempt < STALE_ATTEMPTS) continue // somebody else, or our own first attempt
      expectOk(answer, `price of ${id}`)
      return { id, priceMinor }
    }
  }

  async function bringUp(line: InvoiceLine): Promise<Known> {
    const now = known.get(line.sku)
    if (!now) return make(line)
    return now.priceMinor === line.priceMinor ? now : setPrice(now.id, line.priceMinor)
  }

  const wanted: Product[] = []
  for await (const product of allProducts(shop))
    if (product.price.currency === currency && units.has(product.sku)) wanted.push(product)
  await each(wanted, AT_ONCE, async (product) => {
    await topUp(product.sku, product)
    known.set(product.sku, { id: product.id, priceMinor: parseMinor(product.price.amount, currency) })
  })

  return {
    async ready(line) {
      // Invoices that share a product share the call that makes it; the lanes see to it that they agree on its price.
      const name = `${line.sku} ${line.priceMinor}`
      const pending = making.get(name) ?? bringUp(line).finally(() => making.delete(name))
      making.set(name, pending)
      const product = await pending
      known.set(line.sku, product)
      return product.id
    },
  }
}

/** A name as the catalog takes it: one line, without space at its ends. */
function nameOf({ name, sku }: InvoiceLine): string {
  const line = name
    .toWellFormed()
    .replace(/[\s\p{Cc}]+/gu, ' ')
    .trim()
  return [...line].slice(0, MOST_NAME_LENGTH).join('').trim() || sku
}

async function* allProducts(shop: Shop): AsyncGenerator<Product> {
  let cursor: string | null = ''
  while (cursor !== null) {
    const answer: Answer<Page<Product>> = await shop.products(
      `limit=100${cursor ? `&cursor=${encodeURIComponent(cursor)}` : ''}`,
    )
    expectOk(answer, 'the list of products')
    yield* answer.body.items
    cursor = answer.body.nextCursor
  }
}

function expectOk({ status, body }: Answer, what: string): void {
  if (status >= 200 && status < 300) return
  const { code, detail } = (body ?? {}) as Problem
  throw new CatalogRefused(code ?? `HTTP_${status}`, `the catalog refused ${what}: ${status} ${detail ?? ''}`)
}
