import type { FastifyRequest, RouteOptions } from 'fastify'
import { notFound, Problem } from './problems.ts'

/** Remembers the routes, so that a known path with a wrong method is 405 and says which methods there are. */
export function routeList() {
  const methodsByPath = new Map<string, { matches: RegExp; methods: Set<string> }>()
  return {
    add({ url, method }: RouteOptions) {
      const known = methodsByPath.get(url) ?? { matches: pathPattern(url), methods: new Set() }
      for (const name of [method].flat()) known.methods.add(name)
      methodsByPath.set(url, known)
    },
    /** The problem of a request that no route took. */
    missing(request: FastifyRequest): Problem {
      const path = (request.raw.url ?? '').split('?', 1)[0] ?? ''
      const allowed = new Set<string>()
      for (const { matches, methods } of methodsByPath.values()) {
        if (matches.test(path)) for (const method of methods) allowed.add(method)
      }
      if (allowed.size === 0) return notFound('ROUTE_UNKNOWN', 'there is nothing at this path')
      return new Problem(405, 'METHOD_NOT_ALLOWED', 'this path does not take this method', {
        headers: { allow: [...allowed].sort().join(', ') },
      })
    },
  }
}

function pathPattern(url: string): RegExp {
  const segments = url.split('/').map((segment) => {
    if (segment === '*') return '.*'
    if (segment.startsWith(':')) return '[^/]+'
    return segment.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')
  })
  return new RegExp(`^${segments.join('/')}$`)
}
