import { CodedError } from '#pipelines/kernel/errors.ts'
import { formatMinor, parseMinor } from '#pipelines/kernel/money.ts'
import type { Page, Product, Shop } from '../rest/shop.ts'
import type { Answer } from '../rest/transport.ts'
import type { InvoiceLine } from './invoices.ts'

/** The history's products as the catalog has them, kept up with what this replay changes. */
export interface ReplayShelf {
  /** The product's id; made, priced and stocked as the line needs it. */
  ready(line: InvoiceLine): Promise<string>
}

interface Known {
  readonly id: string
  readonly priceMinor: number
}

/**
 * Reads the catalog once, and tops up every product that has fewer units than the invoices still need.
 * @throws CodedError `REPLAY_CATALOG` when the catalog refuses a product or a price
 */
export async function openReplayShelf(
  shop: Shop,
  currency: string,
  units: ReadonlyMap<string, number>,
): Promise<ReplayShelf> {
  const known = new Map<string, Known>()
  const making = new Map<string, Promise<Known>>()
  const staff = () => shop.tokens('replay-staff', 'catalog-admin')
  const at = (path: string) => `${shop.endpoints.catalog}/v1/products${path}`

  async function addStock(id: string, delta: number) {
    const answer = await shop.transport.send({
      method: 'POST',
      url: at(`/${id}/stock`),
      token: await staff(),
      body: { delta, reason: 'RECEIVED' },
    })
    expectOk(answer, `stock of ${id}`)
  }

  async function make({ sku, name, priceMinor }: InvoiceLine): Promise<Known> {
    const body = {
      sku,
      name,
      brand: 'Replay',
      category: 'replay',
      price: { amount: formatMinor(priceMinor, currency), currency },
      stock: units.get(sku) ?? 0,
    }
    const answer = await shop.transport.persist<Product>({ method: 'POST', url: at(''), token: await staff(), body })
    expectOk(answer, `product ${sku}`)
    return { id: answer.body.id, priceMinor }
  }

  async function setPrice(id: string, priceMinor: number): Promise<Known> {
    const { headers } = await shop.product(id)
    const price = { amount: formatMinor(priceMinor, currency), currency }
    const answer = await shop.transport.persist({
      method: 'PUT',
      url: at(`/${id}/price`),
      token: await staff(),
      headers: { 'if-match': String(headers.etag) },
      body: { price },
    })
    expectOk(answer, `price of ${id}`)
    return { id, priceMinor }
  }

  async function bringUp(line: InvoiceLine): Promise<Known> {
    const now = known.get(line.sku)
    if (!now) return make(line)
    return now.priceMinor === line.priceMinor ? now : setPrice(now.id, line.priceMinor)
  }

  for await (const product of allProducts(shop)) {
    if (product.price.currency !== currency) continue
    known.set(product.sku, { id: product.id, priceMinor: parseMinor(product.price.amount, currency) })
    const missing = (units.get(product.sku) ?? 0) - product.available
    if (missing > 0) await addStock(product.id, missing)
  }

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

async function* allProducts(shop: Shop): AsyncGenerator<Product> {
  let cursor: string | null = ''
  while (cursor !== null) {
    const answer: Answer<Page<Product>> = await shop.products(`limit=100${cursor ? `&cursor=${cursor}` : ''}`)
    expectOk(answer, 'the list of products')
    yield* answer.body.items
    cursor = answer.body.nextCursor
  }
}

function expectOk({ status, body }: Answer, what: string): void {
  if (status >= 200 && status < 300) return
  throw new CodedError('REPLAY_CATALOG', `the catalog refused ${what}: ${status} ${JSON.stringify(body)}`)
}
