import Type, { type Static } from 'typebox'
import { parseMinor } from '#pipelines/kernel/money.ts'
import { unprocessable } from './problems.ts'

/** Pieces that several services' schemas are made of. Objects are closed by the shell: unknown properties are refused. */

export const Uuid = Type.String({ format: 'uuid', description: 'UUID (RFC 9562)' })
export const Timestamp = Type.String({ format: 'date-time', description: 'ISO 8601 in UTC' })
export const Currency = Type.String({ pattern: '^[A-Z]{3}$', description: 'ISO 4217', examples: ['EUR'] })

export const Money = Type.Object(
  {
    amount: Type.String({
      pattern: '^-?\\d{1,15}(\\.\\d{1,4})?$',
      description: 'decimal text with the digits of its currency',
      examples: ['12.99'],
    }),
    currency: Currency,
  },
  { description: 'An amount; never a float' },
)
export type Money = Static<typeof Money>

/** Minor units of an amount a client sent. @throws Problem 422 `MONEY_INVALID` with the pointer to the amount */
export function minorOf(money: Money, pointer: string): number {
  try {
    return parseMinor(money.amount, money.currency)
  } catch (cause) {
    const detail = `must be digits with at most the decimals of ${money.currency}, not negative`
    throw unprocessable('MONEY_INVALID', 'the amount does not fit its currency', {
      errors: [{ pointer: `${pointer}/amount`, detail, in: 'body' }],
      cause,
    })
  }
}

export const ProblemSchema = Type.Object(
  {
    type: Type.String(),
    title: Type.String(),
    status: Type.Integer(),
    code: Type.String({ description: 'Stable: what programs compare' }),
    detail: Type.String(),
    instance: Type.String({ description: 'urn:uuid of the correlation id, to be named when asking for help' }),
    errors: Type.Optional(
      Type.Array(
        Type.Object({
          pointer: Type.String({ description: 'JSON pointer (RFC 6901) into that part of the request' }),
          detail: Type.String(),
          in: Type.Optional(Type.String({ enum: ['body', 'query', 'path', 'header'] })),
        }),
      ),
    ),
  },
  { description: 'Problem details (RFC 9457)', additionalProperties: true },
)
