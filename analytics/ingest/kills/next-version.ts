/** What the next version of the events has beyond ours: one optional field, as an evolving schema adds it. */
export const NEXT_TYPE = 'OrderStatusChangedToShipped'
export const NEXT_FIELD = { name: 'giftMessage', type: ['null', 'string'], default: null, doc: 'a field of tomorrow' }
/** What `analytics/tables/generate.ts` would print for it. */
export const NEXT_COLUMN = { name: 'gift_message', type: 'Nullable(String)' }

/** A schema with the field. */
export function withNextField(schema: string): string {
  const ours = JSON.parse(schema) as { readonly fields: readonly object[] }
  return JSON.stringify({ ...ours, fields: [...ours.fields, NEXT_FIELD] })
}
