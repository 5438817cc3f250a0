import { randomUUID } from 'node:crypto'
import helmet from '@fastify/helmet'
import type { TypeBoxTypeProvider } from '@fastify/type-provider-typebox'
import fastify, { type FastifyBaseLogger, LogController, type RouteOptions } from 'fastify'
import type { Registry } from 'prom-client'
import { SECOND } from '#pipelines/kernel/clock.ts'
import { isUuid } from '#pipelines/kernel/ids.ts'
import { pause } from '#pipelines/kernel/lifecycle.ts'
import type { Log } from '#pipelines/kernel/log.ts'
import { requireDeclaration } from './auth/access.ts'
import { checkBody } from './content.ts'
import { type ProblemOf, problemFrom, sendProblem } from './failures.ts'
import { addGate } from './gate.ts'
import { addHealth } from './health.ts'
import { addLoadShedding, addRateLimits, type Limits } from './limits.ts'
import { addMetrics } from './metrics.ts'
import { routeList } from './missing-routes.ts'
import { addOpenApi, type Described, DOCS_PATH } from './openapi.ts'
import { badRequest } from './problems.ts'
import { answerBrokenRequest } from './raw-answers.ts'
import type { Authenticator, Dependencies, HttpApp, Routes } from './types.ts'
import { closed, createValidatorCompiler } from './validation.ts'

export interface HttpAppOptions {
  readonly log: Log
  readonly auth: Authenticator
  /** What `/metrics` shows; the HTTP metrics are added to it. */
  readonly registry: Registry
  readonly routes: readonly Routes[]
  readonly describe: Described
  /** What `/health/ready` looks at, beside the issuer's keys. */
  readonly dependencies?: Dependencies
  readonly limits?: Limits
  /** How errors of this app's own are answered. */
  readonly problemOf?: ProblemOf
  /** On close: how long requests are still taken, each told to close its connection, before listening ends. Default 250 ms. */
  readonly drainMs?: number
}

const MOST_BODY_BYTES = 64 * 1024

/**
 * The one HTTP shell of all services: validation, problem details, access per route, limits, OpenAPI, health, metrics, graceful close.
 * @throws CodedError `ROUTE_WITHOUT_ACCESS` if a route does not declare who may call it
 */
export async function createHttpApp(options: HttpAppOptions): Promise<HttpApp> {
  const { log, auth, registry, routes, limits = {}, problemOf, drainMs = 250 } = options
  const app: HttpApp = fastify({
    loggerInstance: log as FastifyBaseLogger,
    logController: new LogController({ disableRequestLogging: true, requestIdLogLabel: 'correlationId' }),
    genReqId: ({ headers }) => {
      const given = headers['x-correlation-id']
      return typeof given === 'string' && isUuid(given) ? given.toLowerCase() : randomUUID()
    },
    bodyLimit: MOST_BODY_BYTES,
    requestTimeout: 30 * SECOND,
    connectionTimeout: 60 * SECOND,
    routerOptions: { maxParamLength: 200 },
    // Requests that arrive while closing are served: the shell tells each connection to close instead.
    return503OnClosing: false,
    forceCloseConnections: 'idle',
    clientErrorHandler: answerBrokenRequest,
    frameworkErrors: (error, request, reply) => void sendProblem(request, reply, problemFrom(error)),
  }).withTypeProvider<TypeBoxTypeProvider>()

  const known = routeList()
  let draining = false
  app.setValidatorCompiler(createValidatorCompiler())
  app.setErrorHandler((error, request, reply) => sendProblem(request, reply, problemFrom(error, problemOf)))
  app.setNotFoundHandler((request, reply) => sendProblem(request, reply, known.missing(request)))
  app.addHook('onRoute', (route: RouteOptions) => {
    if (route.url.startsWith(DOCS_PATH)) route.config = { ...route.config, access: 'public' }
    requireDeclaration(route)
    closeSchema(route)
    known.add(route)
  })
  addJsonParser(app)
  addMetrics(app, registry)
  await app.register(helmet, {
    global: true,
    contentSecurityPolicy: { directives: { defaultSrc: ["'none'"] }, useDefaults: false },
  })
  await addLoadShedding(app, limits)
  addGate(app, auth, await addRateLimits(app, limits), () => draining)
  // Before a body is read: what nobody takes needs none, and a method such as QUERY wants one.
  app.addHook('onRequest', async (request) => {
    if (request.is404) throw known.missing(request)
  })
  await addOpenApi(app, options.describe)
  addHealth(app, { issuer: () => auth.ready(), ...options.dependencies }, () => draining)
  app.addHook('preClose', async () => {
    draining = true
    if (app.server.listening) await pause(drainMs)
  })
  // A context of their own: hooks that a service adds stay within its routes.
  for (const add of routes) await app.register(async (scope) => add(scope as unknown as HttpApp))
  await app.ready()
  return app
}

function closeSchema(route: RouteOptions): void {
  if (!route.schema) return
  const { body, querystring, params } = route.schema
  route.schema = {
    ...route.schema,
    ...(body !== undefined && { body: closed(body) }),
    ...(querystring !== undefined && { querystring: closed(querystring) }),
    ...(params !== undefined && { params: closed(params) }),
  }
}

/** JSON is the only body there is. An empty one is none, as many clients name the type on every request. */
function addJsonParser(app: HttpApp): void {
  const parse = app.getDefaultJsonParser('error', 'error')
  app.removeAllContentTypeParsers()
  app.addContentTypeParser<string>('application/json', { parseAs: 'string' }, (request, text, done) => {
    if (text === '') return done(null, undefined)
    parse(request, text, (error, body) => {
      // The parser's own message repeats a piece of the body.
      if (error) return done(badRequest('JSON_INVALID', 'the body is not valid JSON'))
      try {
        checkBody(body)
      } catch (refusal) {
        return done(refusal as Error)
      }
      return done(null, body)
    })
  })
}
