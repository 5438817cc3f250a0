import fc from 'fast-check'
import { expect, test } from 'vitest'
import { eventTypes } from '#schemas/generated/events.ts'
import { arbitraryEvent } from './arbitrary-event.ts'
import { MASK, mask } from './mask.ts'

test('an address and a payment token are masked, the rest is shown', () => {
  const [event] = fc.sample(arbitraryEvent('UserCheckoutAccepted'), { numRuns: 1, seed: 1 })
  if (!event) expect.unreachable()
  const shown = mask({ ...event, address: { ...event.address, state: null } })
  expect(shown).toEqual({
    ...event,
    paymentToken: MASK,
    address: { street: MASK, city: MASK, state: null, country: MASK, zipCode: MASK },
  })
})

test('masking leaves the event itself as it was', () => {
  fc.assert(
    fc.property(arbitraryEvent('OrderStatusChangedToStockConfirmed'), (event) => {
      const before = structuredClone(event)
      mask(event)
      expect(event).toEqual(before)
    }),
  )
})

test.each(
  eventTypes.filter((type) => type !== 'UserCheckoutAccepted' && type !== 'OrderStatusChangedToStockConfirmed'),
)('%s has nothing to mask', (type) => {
  for (const event of fc.sample(arbitraryEvent(type), 5)) expect(mask(event)).toEqual(event)
})
