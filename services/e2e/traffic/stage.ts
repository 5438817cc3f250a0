import { CodedError } from '#pipelines/kernel/errors.ts'
import type { Chance } from '../random.ts'
import type { Page, Product, Shop } from '../rest/shop.ts'
import type { Shelf } from './session.ts'

/** How many products of each run are meant to sell out, and how few of each there are. */
const SCARCE = 2

/**
 * Sets the stage: reads what is for sale, and brings in a few products of which there will not be enough.
 * @throws CodedError `NOTHING_FOR_SALE` when the catalog is empty
 */
export async function openShelf(shop: Shop, run: string, unitsEach: number): Promise<Shelf> {
  const products: Product[] = []
  for (let cursor: string | null = ''; cursor !== null && products.length < 500; ) {
    const { status, body }: { status: number; body: Page<Product> } = await shop.products(
      `limit=100&inStock=true${cursor ? `&cursor=${cursor}` : ''}`,
    )
    if (status !== 200)
      throw new CodedError('CATALOG_AWAY', `the catalog answered ${status}: is the shop up? (eshop status)`)
    products.push(...body.items)
    cursor = body.nextCursor
  }
  const currency = products[0]?.price.currency
  const ordinary = products.filter((product) => product.price.currency === currency)
  if (ordinary.length === 0)
    throw new CodedError('NOTHING_FOR_SALE', 'no product is in stock: add some, or start afresh with `eshop reset`')
  const scarce: Product[] = []
  for (let number = 1; number <= SCARCE; number++)
    scarce.push(await addScarce(shop, `${run}-${number}`, currency ?? 'EUR', unitsEach))
  return { products: ordinary, scarce }
}

async function addScarce(shop: Shop, name: string, currency: string, units: number): Promise<Product> {
  const body = {
    sku: `limited-${name}`,
    name: `Limited edition ${name}`,
    brand: 'Traffic',
    category: 'limited',
    price: { amount: currency === 'JPY' ? '990' : '9.90', currency },
    stock: units,
  }
  const token = await shop.tokens('traffic-staff', 'catalog-admin')
  const answer = await shop.transport.send<Product>({
    method: 'POST',
    url: `${shop.endpoints.catalog}/v1/products`,
    token,
    body,
  })
  if (answer.status !== 201)
    throw new CodedError('STAGE', `the catalog refused a product: ${answer.status} ${JSON.stringify(answer.body)}`)
  return answer.body
}

/** Takes the run's own products out of the catalog again. */
export async function closeShelf(shop: Shop, { scarce }: Shelf): Promise<void> {
  const token = await shop.tokens('traffic-staff', 'catalog-admin')
  for (const { id } of scarce)
    await shop.transport.persist({ method: 'DELETE', url: `${shop.endpoints.catalog}/v1/products/${id}`, token })
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
    token: await shop.tokens('traffic-staff', 'catalog-admin'),
    headers: { 'if-match': String(headers.etag) },
    body: { price: { amount, currency: product.price.currency } },
  })
}
