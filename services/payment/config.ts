import Type, { type Static } from 'typebox'
import { serviceConfig } from '#pipelines/http/service-config.ts'
import { DAY, MINUTE } from '#pipelines/kernel/clock.ts'

const simulated = {
  enum: ['simulated'],
  description: 'whoever moves the money; "simulated" moves none, so with NODE_ENV=production it has to be said',
}

const settings = {
  ...serviceConfig,
  port: Type.Integer({ ...serviceConfig.port, default: 7104 }),
  chargeConcurrency: Type.Integer({
    default: 32,
    minimum: 1,
    maximum: 1_000,
    description: 'calls to the provider at once',
  }),
  providerTimeoutMs: Type.Integer({
    default: 8_000,
    minimum: 100,
    maximum: 15_000,
    description: 'milliseconds after which a call to the provider is given up as unknown and asked again',
  }),
  chargeRetryMs: Type.Integer({
    default: 500,
    minimum: 1,
    maximum: 60_000,
    description: 'milliseconds to the next call after one without a certain answer; doubles up to 30 s',
  }),
  answerResendMs: Type.Integer({
    default: MINUTE,
    minimum: 10,
    maximum: DAY,
    description:
      'milliseconds without a word of ordering until a captured payment is told again; doubles each time up to an hour',
  }),
}

/** In production nothing is assumed: a shop that shipped goods for simulated money would look quite healthy. */
export function paymentConfig({ NODE_ENV }: NodeJS.ProcessEnv) {
  const paymentProvider = Type.String(NODE_ENV === 'production' ? simulated : { ...simulated, default: 'simulated' })
  return Type.Object({ ...settings, paymentProvider })
}
export type PaymentConfig = Static<ReturnType<typeof paymentConfig>>
