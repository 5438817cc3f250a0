import type { FastifyRequest, RouteOptions } from 'fastify'
import { CodedError } from '#pipelines/kernel/errors.ts'
import { forbidden, unauthorized } from '../problems.ts'
import type { Access, Authenticator, Principal } from '../types.ts'

/** Stops the start on a route that does not say who may call it: forgetting it must not open it. */
export function requireDeclaration({ config, method, url }: RouteOptions): void {
  const access = config?.access
  if (access === 'public' || (Array.isArray(access) && access.length > 0)) return
  throw new CodedError('ROUTE_WITHOUT_ACCESS', `${method} ${url} declares no access: add config.access`)
}

/** The verified caller of a request. @throws Problem 401, Unavailable */
export async function identify(request: FastifyRequest, authenticator: Authenticator): Promise<Principal> {
  const header = request.headers.authorization
  if (header === undefined) {
    throw unauthorized('TOKEN_MISSING', 'send an access token as Authorization: Bearer …', { challenge: '' })
  }
  const token = /^Bearer +([\w-]+\.[\w-]+\.[\w-]*)$/i.exec(header)?.[1]
  if (token === undefined) throw unauthorized('TOKEN_INVALID', 'Authorization must be Bearer and a signed JWT')
  return authenticator.authenticate(token)
}

/** @throws Problem 403 */
export function permit(principal: Principal, access: Exclude<Access, 'public'>): void {
  if (principal.roles.has('admin') || access.some((role) => principal.roles.has(role))) return
  throw forbidden('ROLE_MISSING', `this needs one of the roles ${access.join(', ')}`, {
    headers: { 'www-authenticate': 'Bearer realm="eshop", error="insufficient_scope"' },
  })
}
