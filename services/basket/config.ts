import Type, { type Static } from 'typebox'
import { serviceConfig } from '#pipelines/http/service-config.ts'
import { DAY, MINUTE } from '#pipelines/kernel/clock.ts'

export const BasketConfig = Type.Object({
  ...serviceConfig,
  port: Type.Integer({ ...serviceConfig.port, default: 7101 }),
  catalogUrl: Type.String({
    minLength: 1,
    description: 'base URL of the catalog service, such as http://127.0.0.1:7102',
  }),
  catalogTimeoutMs: Type.Integer({
    default: 2_000,
    minimum: 1,
    maximum: 20_000,
    description: 'milliseconds to wait for the catalog until a product cannot be put in for now',
  }),
  orderingUrl: Type.String({
    default: 'http://127.0.0.1:7103',
    description: 'base URL of the ordering service as customers reach it, for links',
  }),
  basketMaxLines: Type.Integer({ default: 1_000, minimum: 1, maximum: 1_000, description: 'products in a basket' }),
  basketMaxQuantity: Type.Integer({
    default: 100_000,
    minimum: 1,
    maximum: 1_000_000,
    description: 'units of a product in a basket',
  }),
  basketTtlMs: Type.Integer({
    default: 30 * DAY,
    minimum: 1_000,
    maximum: 365 * DAY,
    description: 'milliseconds a basket lives after its last edit',
  }),
  checkoutResendMs: Type.Integer({
    default: MINUTE,
    minimum: 1_000,
    maximum: DAY,
    description:
      'milliseconds without a word of ordering until a checkout is sent again; doubles each time up to an hour',
  }),
})
export type BasketConfig = Static<typeof BasketConfig>
