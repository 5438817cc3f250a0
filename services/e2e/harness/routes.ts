import { newId } from '#pipelines/kernel/ids.ts'
import type { Shop } from '../rest/shop.ts'
import type { Call } from '../rest/transport.ts'

export const SERVICES = ['basket', 'catalog', 'ordering', 'payment', 'analytics'] as const
export type ServiceName = (typeof SERVICES)[number]

/** A route as the service's own OpenAPI document declares it. */
export interface Route {
  readonly service: ServiceName
  readonly method: Call['method']
  readonly path: string
  readonly public: boolean
  readonly roles: readonly string[]
  readonly takesBody: boolean
}

interface Operation {
  readonly description?: string
  readonly security?: readonly object[]
  readonly requestBody?: object
}

const OPERATIONAL = /^\/(health|metrics|docs|openapi)/

/** All routes of a service but health, metrics and documentation. */
export async function readRoutes(shop: Shop, service: ServiceName): Promise<Route[]> {
  const { body } = await shop.transport.persist<{ paths: Record<string, Record<string, Operation>> }>({
    method: 'GET',
    url: `${shop.endpoints[service]}/openapi.json`,
  })
  return Object.entries(body.paths)
    .filter(([path]) => !OPERATIONAL.test(path))
    .flatMap(([path, operations]) =>
      Object.entries(operations).map(
        ([method, { description = '', security = [], requestBody }]): Route => ({
          service,
          method: method.toUpperCase() as Route['method'],
          path,
          public: security.length === 0,
          roles: /Roles: ([\w-]+(?:, [\w-]+)*)/.exec(description)?.[1]?.split(', ') ?? [],
          takesBody: requestBody !== undefined,
        }),
      ),
    )
}

/** A call of the route that leads to nothing: every id in its path is new. */
export function callOf({ service, method, path, takesBody }: Route, shop: Shop): Omit<Call, 'token'> {
  const url = `${shop.endpoints[service]}${path.replace(/\{[^}]+\}/g, () => newId())}`
  return takesBody ? { method, url, body: {} } : { method, url }
}
