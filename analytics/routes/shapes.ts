import { instantOf } from '#pipelines/http/instants.ts'
import { Currency, Money, Timestamp, Uuid } from '#pipelines/http/schemas.ts'
import { Type } from '#pipelines/kernel/config.ts'

/** Who may ask. Customers see their orders in ordering; here are everybody's. */
export const READERS = ['analyst', 'operator', 'support'] as const

export const spanQuery = {
  from: Type.Optional(
    Type.String({ format: 'date-time', description: 'Beginning, included; without it from the first' }),
  ),
  to: Type.Optional(Type.String({ format: 'date-time', description: 'End, not included; without it to the last' })),
} as const

export const Nullable = <T extends ReturnType<typeof Type.String> | typeof Money | typeof Timestamp>(type: T) =>
  Type.Union([type, Type.Null()])

export const Count = Type.Integer({ minimum: 0 })
export const When = Type.Union([Timestamp, Type.Null()])
export const Text = Type.String()
export { Currency, Money, Timestamp, Uuid }

/** The span of a query, as dates. */
export function spanOf({ from, to }: { readonly from?: string; readonly to?: string }) {
  return { from: from === undefined ? undefined : instantOf(from), to: to === undefined ? undefined : instantOf(to) }
}
