import { deadLetter, done, type Handlers, ignored } from '#pipelines/stream/types.ts'
import { startCheckout } from './store/checkouts.ts'
import { learnProduct } from './store/products.ts'

/** What basket does on each event it hears. Both are idempotent by their own keys: basket and version, product and price version. */
export function basketHandlers(): Handlers<'basket'> {
  return {
    orders: {
      async OrderStarted(event, { tx }) {
        return (await startCheckout(tx, event)) ? done : ignored('this checkout was started before')
      },
    },
    'product-price-changes': {
      async ProductPriceChanged(event, { tx }) {
        const { productId, sku, name, brand, category, newPriceMinor, currency, priceVersion } = event
        if (newPriceMinor < 0) return deadLetter(`a price of ${newPriceMinor} is none`)
        const product = { productId, sku, name, brand, category, unitPriceMinor: newPriceMinor, currency, priceVersion }
        return (await learnProduct(tx, product, 'event')) ? done : ignored('a price as new or newer is known')
      },
    },
  }
}
