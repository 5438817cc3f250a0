import { newId } from '#pipelines/kernel/ids.ts'
import type { Draft } from '#pipelines/outbox/types.ts'
import { sensitive } from '#schemas/codec/sensitive.ts'

/** The smallest events of the map, for tests of the machinery. */
export const sample = {
  orderStarted: (orderId: string, version = 1): Draft<'OrderStarted'> => ({
    type: 'OrderStarted',
    orderId,
    version,
    customerId: 'alice',
    placedAt: 1_700_000_000_000,
    basketId: newId(),
    basketVersion: 1,
  }),
  shipped: (orderId: string, version = 2): Draft<'OrderStatusChangedToShipped'> => ({
    type: 'OrderStatusChangedToShipped',
    orderId,
    version,
    customerId: 'alice',
    placedAt: 1_700_000_000_000,
    totalMinor: 1_000,
    currency: 'EUR',
  }),
  priceChanged: (productId: string, priceVersion = 1): Draft<'ProductPriceChanged'> => ({
    type: 'ProductPriceChanged',
    productId,
    sku: 'MUG-1',
    name: 'Mug',
    brand: 'Acme',
    category: 'mugs',
    priceVersion,
    newPriceMinor: 1_000 + priceVersion,
    currency: 'EUR',
  }),
  checkout: (orderId: string, paymentToken = 'tok_visa'): Draft<'UserCheckoutAccepted'> => ({
    type: 'UserCheckoutAccepted',
    orderId,
    customerId: 'alice',
    basketId: newId(),
    basketVersion: 1,
    totalMinor: 2_598,
    subtotalMinor: 2_598,
    currency: 'EUR',
    items: [
      {
        lineNo: 1,
        productId: newId(),
        sku: 'MUG-1',
        name: 'Mug',
        brand: 'Acme',
        category: 'mugs',
        unitPriceMinor: 1_299,
        priceVersion: 1,
        quantity: 2,
      },
    ],
    address: {
      street: sensitive('Main St 1'),
      city: sensitive('Springfield'),
      state: null,
      country: sensitive('US'),
      zipCode: sensitive('12345'),
    },
    paymentToken: sensitive(paymentToken),
    channel: 'API',
  }),
}
