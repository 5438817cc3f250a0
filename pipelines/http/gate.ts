import type { FastifyRequest } from 'fastify'
import { CodedError } from '#pipelines/kernel/errors.ts'
import { identify, permit } from './auth/access.ts'
import { checkHead } from './content.ts'
import type { Count } from './limits.ts'
import type { Authenticator, HttpApp, Principal } from './types.ts'

const TRACEPARENT = /^[0-9a-f]{2}-(?!0{32})[0-9a-f]{32}-(?!0{16})[0-9a-f]{16}-[0-9a-f]{2}$/
const CALLER = Symbol('caller')

interface WithCaller {
  [CALLER]?: Principal | undefined
}

/**
 * What every request passes before its body is read, in this order: no card data in address and headers; who calls; how often; whether
 * they may. A caller without a valid token is counted by address, so that guessing tokens is limited too.
 */
export function addGate(
  app: HttpApp,
  authenticator: Authenticator,
  count: { readonly subject: Count; readonly address: Count },
  draining: () => boolean,
): void {
  decorate(app)
  app.addHook('onSend', (_request, reply, payload, done) => {
    // Also for what was in hand when the closing began: its connection would be kept open, and the closing would wait for it.
    if (draining()) reply.header('connection', 'close')
    done(null, payload)
  })
  app.addHook('onRequest', async (request, reply) => {
    reply.header('x-correlation-id', request.id)
    checkHead(request)
    const access = request.routeOptions.config?.access ?? 'public'
    if (access === 'public') return count.address(request)
    try {
      ;(request as WithCaller)[CALLER] = await identify(request, authenticator)
    } catch (error) {
      await count.address(request)
      throw error
    }
    await count.subject(request)
    permit(request.principal, access)
    reply.header('cache-control', 'no-store')
  })
}

function decorate(app: HttpApp): void {
  app.decorateRequest('principal', {
    getter() {
      const caller = (this as WithCaller)[CALLER]
      if (!caller) throw new CodedError('NO_PRINCIPAL', 'a public route has no caller: declare roles in config.access')
      return caller
    },
  })
  app.decorateRequest('correlationId', {
    getter() {
      return (this as FastifyRequest).id
    },
  })
  app.decorateRequest('traceparent', {
    getter() {
      const given = (this as FastifyRequest).headers.traceparent
      return typeof given === 'string' && TRACEPARENT.test(given) ? given : undefined
    },
  })
}
