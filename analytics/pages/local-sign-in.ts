import type { FastifyRequest } from 'fastify'
import { forbidden } from '#pipelines/http/problems.ts'
import type { Routes } from '#pipelines/http/types.ts'
import { SECOND } from '#pipelines/kernel/clock.ts'
import { Type } from '#pipelines/kernel/config.ts'
import { Unavailable, UsageError } from '#pipelines/kernel/errors.ts'

const Token = Type.Object({ accessToken: Type.String(), expiresInSeconds: Type.Integer() })
const LOOPBACK = new Set(['127.0.0.1', 'localhost', '[::1]', '::1'])

/** @throws UsageError `NOT_IN_PRODUCTION` */
export function refuseInProduction(tokenUrl: string, environment: NodeJS.ProcessEnv = process.env): void {
  if (tokenUrl !== '' && environment.NODE_ENV === 'production')
    throw new UsageError(
      'NOT_IN_PRODUCTION',
      'LOCAL_SIGN_IN_URL lets anybody in as an analyst: leave it out with NODE_ENV=production',
    )
}

/**
 * One click instead of a pasted token, on one's own machine: asks the local issuer for an analyst's token. It answers only what this page itself asks for, under
 * a name of the loopback address: neither a foreign page nor one that points its own name here (DNS rebinding) gets a token.
 */
export function localSignInRoutes(tokenUrl: string): Routes {
  return (app) => {
    app.post(
      '/v1/analytics/local-token',
      {
        config: { access: 'public' },
        schema: { summary: "An analyst's token, on one's own machine only", response: { 200: Token } },
      },
      async (request, reply) => {
        if (!isOurPage(request))
          throw forbidden('NOT_LOCAL', 'only the page itself, opened at localhost, may ask for this')
        reply.header('cache-control', 'no-store')
        return await askIssuer(tokenUrl)
      },
    )
  }
}

function isOurPage(request: FastifyRequest): boolean {
  const { origin, host = '' } = request.headers
  const site = request.headers['sec-fetch-site']
  if (!LOOPBACK.has(host.replace(/:\d+$/, ''))) return false
  if (site !== undefined && site !== 'same-origin') return false
  return origin === undefined || origin === `http://${host}`
}

async function askIssuer(tokenUrl: string) {
  try {
    const answer = await fetch(tokenUrl, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ sub: 'local-analyst', roles: ['analyst'] }),
      signal: AbortSignal.timeout(5 * SECOND),
    })
    if (!answer.ok) throw new Unavailable('ISSUER_AWAY', `the local issuer answered ${answer.status}`)
    const { access_token: accessToken, expires_in: expiresInSeconds } = (await answer.json()) as {
      access_token: string
      expires_in: number
    }
    return { accessToken, expiresInSeconds }
  } catch (cause) {
    throw new Unavailable('ISSUER_AWAY', 'the local issuer does not answer', { cause })
  }
}
