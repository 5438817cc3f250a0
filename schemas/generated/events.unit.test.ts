import { expect, expectTypeOf, test } from 'vitest'
import { sensitive } from '../codec/sensitive.ts'
import {
  type EventInput,
  type EventOf,
  type EventType,
  eventSchemas,
  eventTypes,
  type Sensitive,
  type ShopEvent,
} from './events.ts'

test('the type of an event decides its fields', () => {
  expectTypeOf<EventOf<'OrderStarted'>['basketVersion']>().toEqualTypeOf<number>()
  expectTypeOf<ShopEvent['type']>().toEqualTypeOf<EventType>()
  expectTypeOf<EventOf<'ProductStockChanged'>['orderId']>().toEqualTypeOf<string | null>()
})

test('what has a default may be left out of an event to publish, and nothing else', () => {
  type Input = EventInput<'OrderStatusChangedToShipped'>
  expectTypeOf<Omit<EventOf<'OrderStatusChangedToShipped'>, 'carrier' | 'trackingNumber'>>().toExtend<Input>()
  expectTypeOf<Omit<EventOf<'OrderStatusChangedToShipped'>, 'currency'>>().not.toExtend<Input>()
})

test('a sensitive value cannot pass for text, nor text for it', () => {
  expectTypeOf<EventOf<'UserCheckoutAccepted'>['paymentToken']>().toEqualTypeOf<Sensitive<string>>()
  expectTypeOf<Sensitive<string>>().not.toExtend<string>()
  expectTypeOf<string>().not.toExtend<Sensitive<string>>()
  expect(sensitive('tok_visa')).toBe('tok_visa') // encoded as the bare value
})

test('every event has its schema as data', () => {
  for (const type of eventTypes) {
    const { schema, fullName } = eventSchemas[type]
    const { name, namespace } = JSON.parse(schema) as { name: string; namespace: string }
    expect(`${namespace}.${name}`).toBe(fullName)
    expect(name).toBe(type)
  }
})
