import type { Chance } from '#pipelines/kernel/chance.ts'
import { CodedError } from '#pipelines/kernel/errors.ts'
import { newId } from '#pipelines/kernel/ids.ts'
import type { Shop } from '../rest/shop.ts'
import type { Page, Product, Stock } from '../rest/views.ts'
import type { Shelf } from './session.ts'

/** How many products of each run are meant to sell out. */
const SCARCE = 2
const MOST_PRODUCTS = 200
const STAFF = 'traffic-staff'

/**
 * Sets the stage for so many visits: fills up what is for sale, and brings in a few products of which there will not be enough.
 * @throws CodedError `NOTHING_FOR_SALE` when the catalog is empty, `STAGE` when it refuses
 */
export async function openShelf(shop: Shop, run: string, visits: number): Promise<Shelf> {
  const found = await forSale(shop)
  const currency = found[0]?.price.currency
  if (currency === undefined)
    throw new CodedError('NOTHING_FOR_SALE', 'the catalog is empty: start afresh with `eshop reset`, then `npm start`')
  const products: Product[] = []
  for (const product of found.filter(({ price }) => price.currency === currency))
    products.push(await filledUp(shop, product, unitsNeeded(visits, found.length)))
  const scarce: Product[] = []
  for (let number = 1; number <= SCARCE; number++)
    scarce.push(await addScarce(shop, `${run}-${number}`, currency, Math.max(3, Math.round(visits / 40))))
  return { products, scarce }
}

/** Twice what a visit takes of one product on average (2.5 lines of 2 units), and some for small runs, where chance is wide. */
function unitsNeeded(visits: number, products: number): number {
  return 50 + Math.ceil((visits * 10) / products)
}

async function forSale(shop: Shop): Promise<Product[]> {
  const products: Product[] = []
  for (let cursor: string | null = ''; cursor !== null && products.length < MOST_PRODUCTS; ) {
    const { status, body }: { status: number; body: Page<Product> } = await shop.products(
      `limit=100&sort=name${cursor ? `&cursor=${encodeURIComponent(cursor)}` : ''}`,
    )
    if (status !== 200)
      throw new CodedError('CATALOG_AWAY', `the catalog answered ${status}: is the shop up? (eshop status)`)
    products.push(...body.items)
    cursor = body.nextCursor
  }
  return products
}

async function filledUp(shop: Shop, product: Product, units: number): Promise<Product> {
  if (product.available >= units) return product
  const answer = await shop.as<Stock>(STAFF, 'catalog-admin', {
    method: 'POST',
    url: `${shop.endpoints.catalog}/v1/products/${product.id}/stock`,
    headers: { 'idempotency-key': newId() },
    body: { delta: units - product.available, reason: 'RECEIVED' },
  })
  if (answer.status !== 200) throw refused('stock', answer)
  const { available, reserved, sold, stockVersion } = answer.body
  return { ...product, available, reserved, sold, stockVersion }
}

async function addScarce(shop: Shop, name: string, currency: string, units: number): Promise<Product> {
  const answer = await shop.transport.send<Product>({
    method: 'POST',
    url: `${shop.endpoints.catalog}/v1/products`,
    token: await shop.tokens(STAFF, 'catalog-admin'),
    body: {
      sku: `limited-${name}`,
      name: `Limited edition ${name}`,
      brand: 'Traffic',
      category: 'limited',
      price: { amount: currency === 'JPY' ? '990' : '9.90', currency },
      stock: units,
    },
  })
  if (answer.status !== 201) throw refused('a product', answer)
  return answer.body
}

/** Takes the run's own products out of the catalog again. */
export async function closeShelf(shop: Shop, { scarce }: Shelf): Promise<void> {
  for (const { id } of scarce)
    await shop.as(STAFF, 'catalog-admin', { method: 'DELETE', url: `${shop.endpoints.catalog}/v1/products/${id}` })
}

/** Changes one product's price by up to a tenth, as staff would, under the version just read. */
export async function changeAPrice(shop: Shop, shelf: Shelf, chance: Chance): Promise<void> {
  const { id } = chance.pick(shelf.products)
  const factor = 0.9 + chance.next() * 0.2
  const { body: product, headers } = await shop.product(id)
  const digits = product.price.amount.split('.')[1]?.length ?? 0
  const amount = Math.max(10 ** -digits, Number(product.price.amount) * factor).toFixed(digits)
  await shop.transport.send({
    method: 'PUT',
    url: `${shop.endpoints.catalog}/v1/products/${id}/price`,
    token: await shop.tokens(STAFF, 'catalog-admin'),
    headers: { 'if-match': String(headers.etag) },
    body: { price: { amount, currency: product.price.currency } },
  })
}

function refused(what: string, { status, body }: { status: number; body: unknown }): CodedError {
  return new CodedError('STAGE', `the catalog refused ${what}: ${status} ${JSON.stringify(body)}`)
}
