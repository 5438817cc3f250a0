import { CodedError, Unavailable } from '#pipelines/kernel/errors.ts'
import { backoffMs, pause } from '#pipelines/kernel/lifecycle.ts'
import { type SeedProduct, seedProducts } from './products.ts'

export interface SeedOptions {
  /** Base of the catalog's REST API, such as `http://127.0.0.1:7102`. */
  readonly catalogUrl: string
  /** Access token with the role catalog-admin. */
  readonly token: string
  readonly products?: readonly SeedProduct[]
  readonly fetch?: typeof fetch
}

const AT_ONCE = 4
const ATTEMPTS = 8

/**
 * Puts the first products on the shelf, through REST. Those whose sku is there already stay as they are, so it may be repeated.
 * @throws CodedError `SEED_REFUSED`, Unavailable `CATALOG_AWAY`
 */
export async function seedCatalog({ catalogUrl, token, products = seedProducts, fetch: send = fetch }: SeedOptions) {
  const left = [...products]
  let created = 0

  async function put(product: SeedProduct): Promise<void> {
    for (let attempt = 1; ; attempt++) {
      const answer = await post(product).catch(
        (cause) => new Unavailable('CATALOG_AWAY', 'the catalog gave no answer', { cause }),
      )
      if (!(answer instanceof Unavailable)) {
        if (answer.status === 201) created++
        if (answer.status === 201 || answer.code === 'SKU_TAKEN') return
        if (answer.status !== 429 && answer.status !== 503) {
          throw new CodedError('SEED_REFUSED', `the catalog refused ${product.sku}: ${answer.status} ${answer.code}`)
        }
      }
      if (attempt >= ATTEMPTS)
        throw answer instanceof Unavailable ? answer : new Unavailable('CATALOG_AWAY', 'the catalog is busy')
      await pause(backoffMs(attempt, { capMs: 3_000 }))
    }
  }

  async function post(product: SeedProduct): Promise<{ status: number; code: string | undefined }> {
    const response = await send(`${catalogUrl}/v1/products`, {
      method: 'POST',
      headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
      body: JSON.stringify(product),
      signal: AbortSignal.timeout(10_000),
    })
    const { code } = (await response.json()) as { code?: string }
    return { status: response.status, code }
  }

  async function worker(): Promise<void> {
    for (let product = left.shift(); product; product = left.shift()) await put(product)
  }

  await Promise.all(Array.from({ length: AT_ONCE }, worker))
  return { created, present: products.length - created }
}
