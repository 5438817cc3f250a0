import { type Static, Type } from 'typebox'
import { serviceConfig } from '#pipelines/http/service-config.ts'
import { DAY, MINUTE } from '#pipelines/kernel/clock.ts'

export const CatalogConfig = Type.Object({
  ...serviceConfig,
  port: Type.Integer({
    default: 7102,
    minimum: 0,
    maximum: 65_535,
    description: 'port to listen on, 0 for any free one',
  }),
  reservationResendMs: Type.Integer({
    default: 2 * MINUTE,
    minimum: 10,
    maximum: DAY,
    description:
      'milliseconds a reservation is held without a word of ordering until its answer is sent again; doubles each time up to an hour',
  }),
})
export type CatalogConfig = Static<typeof CatalogConfig>
