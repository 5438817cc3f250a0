import swagger from '@fastify/swagger'
import swaggerUi from '@fastify/swagger-ui'
import type { FastifySchema, RouteOptions } from 'fastify'
import { ProblemSchema } from './schemas.ts'
import type { Access, HttpApp } from './types.ts'

export interface Described {
  readonly title: string
  readonly version: string
  readonly description?: string
}

/** Where the page lives. Its own routes are static files and public. */
export const DOCS_PATH = '/docs'

const PAGE_POLICY =
  "default-src 'self'; img-src 'self' data:; style-src 'self' 'unsafe-inline'; object-src 'none'; frame-ancestors 'none'"

const REASONS: Readonly<Record<number, string>> = {
  400: 'The request is malformed or does not fit its schema',
  401: 'No valid access token',
  403: 'The caller has none of the roles this needs',
  404: 'There is no such thing, or it is not yours',
  413: 'The body is too large',
  415: 'The body is not JSON',
  429: 'Too many requests',
  500: 'Something broke on our side',
  503: 'Something this needs is away, or the service is too busy: see Retry-After',
}

/** Serves the OpenAPI 3.1 document, made from the routes themselves, at `/openapi.json`, and a page to try it at `/docs`. */
export async function addOpenApi(app: HttpApp, { title, version, description = '' }: Described): Promise<void> {
  await app.register(swagger, {
    openapi: {
      openapi: '3.1.0',
      info: { title, version, description },
      components: {
        securitySchemes: {
          bearer: { type: 'http', scheme: 'bearer', bearerFormat: 'JWT', description: 'RFC 9068; try `eshop token`' },
        },
        schemas: { Problem: ProblemSchema as object },
      },
    },
    transform: ({ schema, url, route }) => ({ schema: describe(schema ?? {}, route), url }),
  })
  await app.register(swaggerUi, {
    routePrefix: DOCS_PATH,
    staticCSP: true,
    // Its own policy would ask browsers for https and let them reach other hosts.
    transformStaticCSP: () => PAGE_POLICY,
    logLevel: 'warn',
  })
  let text: string | undefined
  app.get('/openapi.json', { config: { access: 'public' }, schema: { hide: true } }, async (_request, reply) => {
    text ??= JSON.stringify(app.swagger())
    return reply.type('application/json').serializer(String).send(text)
  })
}

/** The route's schema as the document shows it: with security, roles, and the problems that every route can answer. */
function describe(schema: FastifySchema, route: RouteOptions): FastifySchema {
  if (schema.hide) return schema
  const access: Access = route.config?.access ?? 'public'
  const roles = access === 'public' ? 'Public.' : `Roles: ${[...access, 'admin'].join(', ')}.`
  const { description } = schema as { description?: string }
  const problems = Object.fromEntries(
    problemStatuses(schema, access).map((status) => [status, problemResponse(status)]),
  )
  return {
    ...schema,
    description: description ? `${description}\n\n${roles}` : roles,
    security: access === 'public' ? [] : [{ bearer: [] }],
    ...(schema.querystring !== undefined && { querystring: withDefaultsOptional(schema.querystring as ObjectSchema) }),
    response: { ...problems, ...ANY_PROBLEM, ...shownResponses((schema.response ?? {}) as Record<string, unknown>) },
  } as FastifySchema
}

interface ObjectSchema {
  readonly properties?: Readonly<Record<string, { readonly default?: unknown }>>
  readonly required?: readonly string[]
}

/** What has a default need not be sent, whatever the type of the filled-in object says. */
function withDefaultsOptional(schema: ObjectSchema): ObjectSchema {
  const { properties = {}, required } = schema
  if (!required) return schema
  return { ...schema, required: required.filter((name) => properties[name]?.default === undefined) }
}

/** Problems go out as problem+json, also those that a route declares itself. */
function shownResponses(responses: Readonly<Record<string, unknown>>): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(responses).map(([status, schema]) => [
      status,
      schema === ProblemSchema ? problemResponse(status) : schema,
    ]),
  )
}

/** Whatever else goes wrong is a problem as well: a conflict, a missing If-Match, an amount that does not fit its currency. */
const ANY_PROBLEM = { '4xx': problemResponse('4xx'), '5xx': problemResponse('5xx') }

function problemStatuses(schema: FastifySchema, access: Access): number[] {
  const statuses = [429, 500, 503]
  if (schema.body || schema.querystring || schema.params) statuses.push(400)
  if (schema.body) statuses.push(413, 415)
  if (schema.params) statuses.push(404)
  if (access !== 'public') statuses.push(401, 403)
  return statuses.sort()
}

function problemResponse(status: number | string) {
  return {
    description: REASONS[Number(status)] ?? 'What went wrong, and what to do',
    content: { 'application/problem+json': { schema: { $ref: '#/components/schemas/Problem' } } },
  }
}
