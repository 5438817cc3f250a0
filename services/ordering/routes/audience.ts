import type { Principal, Role } from '#pipelines/http/types.ts'
import type { Cancel } from '../domain/inputs.ts'

/** Roles that see everybody's orders. `admin` may do everything and need not be named in a route. */
const STAFF: readonly Role[] = ['support', 'warehouse', 'operator', 'admin']
/** Roles that send parcels, and so need to know where to. */
const SENDERS: readonly Role[] = ['warehouse', 'admin']

export const READERS: readonly Role[] = ['customer', 'support', 'warehouse', 'operator']

export function isStaff({ roles }: Principal): boolean {
  return STAFF.some((role) => roles.has(role))
}

export function owns(principal: Principal, order: { readonly customerId: string }): boolean {
  return principal.roles.has('customer') && principal.subject === order.customerId
}

/** Whether a caller may know of an order at all. To others it does not exist. */
export function sees(principal: Principal, order: { readonly customerId: string }): boolean {
  return owns(principal, order) || isStaff(principal)
}

export function seesAddress(principal: Principal, order: { readonly customerId: string }): boolean {
  return owns(principal, order) || SENDERS.some((role) => principal.roles.has(role))
}

/** A caller's cancellation: their own as the customer, anybody's as support or admin; nothing for others. */
export function cancellationBy(principal: Principal, order: { readonly customerId: string }): Cancel | undefined {
  if (owns(principal, order)) return { type: 'Cancel', reason: 'CUSTOMER', actorRole: 'customer' }
  const actorRole = (['support', 'admin'] as const).find((role) => principal.roles.has(role))
  return actorRole && { type: 'Cancel', reason: 'STAFF', actorRole }
}
