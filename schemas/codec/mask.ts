import { eventSchemas, type ShopEvent } from '#schemas/generated/events.ts'

/** What stands where a sensitive value was. */
export const MASK = '[sensitive]'

/**
 * A copy of the event for listings and logs, with every sensitive value replaced and its shape kept: null stays null, an address
 * keeps its field names.
 */
export function mask(event: ShopEvent): Readonly<Record<string, unknown>> {
  let masked: unknown = event
  for (const path of eventSchemas[event.type].sensitivePaths) masked = maskAt(masked, path.split('.'))
  return { ...(masked as Readonly<Record<string, unknown>>) }
}

function maskAt(value: unknown, [step, ...rest]: readonly string[]): unknown {
  if (step === undefined) return blacken(value)
  if (typeof value !== 'object' || value === null) return value
  const name = step.replace(/(\[\])+$/, '')
  const below = (value as Record<string, unknown>)[name]
  if (below === undefined) return value
  const each = step.endsWith('[]') && Array.isArray(below)
  return { ...value, [name]: each ? below.map((item) => maskAt(item, rest)) : maskAt(below, rest) }
}

function blacken(value: unknown): unknown {
  if (value === null || value === undefined) return value
  if (Array.isArray(value)) return value.map(blacken)
  if (typeof value !== 'object') return MASK
  return Object.fromEntries(Object.entries(value).map(([name, below]) => [name, blacken(below)]))
}
