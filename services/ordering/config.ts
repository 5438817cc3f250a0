import Type, { type Static } from 'typebox'
import { serviceConfig } from '#pipelines/http/service-config.ts'
import { reconcilerConfig } from './reconciler/settings.ts'

export const OrderingConfig = Type.Object({
  ...serviceConfig,
  gracePeriodMs: Type.Integer({
    default: 10_000,
    minimum: 0,
    maximum: 30 * 24 * 60 * 60 * 1_000,
    description: 'how long a new order can be cancelled before its stock is asked for, in ms',
  }),
  ...reconcilerConfig,
})
export type OrderingConfig = Static<typeof OrderingConfig>
