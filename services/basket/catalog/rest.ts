import Type, { type Static } from 'typebox'
import { Compile } from 'typebox/compile'
import { Unavailable } from '#pipelines/kernel/errors.ts'
import { parseMinor } from '#pipelines/kernel/money.ts'
import type { Product } from '../basket.ts'
import type { Catalog, CatalogAnswer } from './catalog.ts'

/** What is read of the catalog's answer; it may hold more. */
const ProductAnswer = Type.Object({
  id: Type.String({ format: 'uuid' }),
  sku: Type.String(),
  name: Type.String(),
  brand: Type.String(),
  category: Type.String(),
  price: Type.Object({ amount: Type.String(), currency: Type.String({ pattern: '^[A-Z]{3}$' }) }),
  priceVersion: Type.Integer({ minimum: 1 }),
  discontinued: Type.Boolean(),
})
type ProductAnswer = Static<typeof ProductAnswer>

const answerCheck = Compile(ProductAnswer)
const MOST_BYTES = 64 * 1024

/** Asks the catalog's REST API. Its answer is checked, limited in time and size, and never followed elsewhere. */
export function restCatalog({ url, timeoutMs }: { readonly url: string; readonly timeoutMs: number }): Catalog {
  return {
    async product(productId): Promise<CatalogAnswer> {
      const { status, text } = await get(`${url}/v1/products/${productId}`, timeoutMs)
      if (status === 404 || status === 410) return { outcome: 'unknown' }
      const answer = status === 200 ? read(text) : undefined
      if (answer?.product.productId !== productId) throw away({ status })
      return answer
    },
  }
}

async function get(url: string, timeoutMs: number): Promise<{ status: number; text: string }> {
  try {
    const signal = AbortSignal.timeout(timeoutMs)
    const response = await fetch(url, { signal, redirect: 'error', headers: { accept: 'application/json' } })
    const chunks: Uint8Array[] = []
    let bytes = 0
    for await (const chunk of response.body ?? []) {
      bytes += chunk.byteLength
      if (bytes > MOST_BYTES) throw away({ bytes })
      chunks.push(chunk)
    }
    return { status: response.status, text: Buffer.concat(chunks).toString('utf8') }
  } catch (cause) {
    throw cause instanceof Unavailable ? cause : away({}, cause)
  }
}

/** Undefined when it is not an answer that the catalog gives. */
function read(text: string): Exclude<CatalogAnswer, { outcome: 'unknown' }> | undefined {
  try {
    const answer: unknown = JSON.parse(text)
    if (!answerCheck.Check(answer)) return undefined
    return { outcome: answer.discontinued ? 'discontinued' : 'found', product: productOf(answer) }
  } catch {
    return undefined
  }
}

function productOf({ id, price, priceVersion, sku, name, brand, category }: ProductAnswer): Product {
  const { currency } = price
  const unitPriceMinor = parseMinor(price.amount, currency)
  return { productId: id, sku, name, brand, category, priceVersion, currency, unitPriceMinor }
}

function away(facts: Record<string, unknown>, cause?: unknown): Unavailable {
  return new Unavailable('CATALOG_AWAY', 'the catalog cannot be asked for prices right now', { facts, cause })
}
