import type { TypeBoxTypeProvider } from '@fastify/type-provider-typebox'
import type {
  FastifyBaseLogger,
  FastifyInstance,
  RawReplyDefaultExpression,
  RawRequestDefaultExpression,
  RawServerDefault,
} from 'fastify'

export const ROLES = ['customer', 'support', 'warehouse', 'catalog-admin', 'analyst', 'operator', 'admin'] as const
export type Role = (typeof ROLES)[number]

/**
 * Who may call a route: anyone, or whoever has one of the roles. `admin` may call everything. A route without a declaration stops the
 * start.
 */
export type Access = 'public' | readonly Role[]

/** Who calls, from a verified token. `subject` is opaque: never an e-mail. */
export interface Principal {
  readonly subject: string
  readonly roles: ReadonlySet<Role>
}

declare module 'fastify' {
  interface FastifyContextConfig {
    access?: Access
    /** False keeps the route open while the process is too busy for others. */
    shed?: false
  }
  interface FastifyRequest {
    /** The caller. Reading it on a public route throws. */
    readonly principal: Principal
    /** The correlation id of this request: from `x-correlation-id` if that is a UUID, otherwise new. Goes into the events it causes. */
    readonly correlationId: string
    /** The W3C trace context the caller sent, if it is well-formed. Goes into the events it causes. */
    readonly traceparent: string | undefined
  }
}

/** Verifies bearer tokens. */
export interface Authenticator {
  /**
   * @throws Problem 401 when the token is not one of the issuer's for this audience, valid now
   * @throws Unavailable `ISSUER_AWAY` while no key of the issuer has ever been read
   */
  authenticate(token: string): Promise<Principal>
  /** Resolves once tokens can be verified. @throws Unavailable */
  ready(): Promise<void>
}

/** Something this process depends on, by name. Rejects while it is away. */
export interface Dependencies {
  readonly [name: string]: () => Promise<unknown>
}

/** A Fastify instance whose routes are typed by their TypeBox schemas. */
export type HttpApp = FastifyInstance<
  RawServerDefault,
  RawRequestDefaultExpression,
  RawReplyDefaultExpression,
  FastifyBaseLogger,
  TypeBoxTypeProvider
>

/**
 * Adds its routes to the app. Every route has a full schema (params, query, body, each status it answers) and `config.access`:
 *
 *     app.get('/v1/products/:id', { schema: {...}, config: { access: 'public' } }, async (request) => …)
 */
export type Routes = (app: HttpApp) => void
