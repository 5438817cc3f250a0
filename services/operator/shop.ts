import { userInfo } from 'node:os'
import { CodedError, Unavailable, UsageError } from '#pipelines/kernel/errors.ts'
import { localEndpoints } from '#services/e2e/rest/endpoints.ts'
import { localTokens } from '#services/e2e/rest/tokens.ts'
import { type Answer, type Call, createTransport } from '#services/e2e/rest/transport.ts'

/** Whoever has dead letters: the services, and the scheduler of the tasks, which reads the requests to start one. */
export const SERVICES = ['basket', 'catalog', 'ordering', 'payment', 'tasks'] as const
export type ServiceName = (typeof SERVICES)[number]

/** The services as an operator meets them: over REST, with the operator's own token, so that the audit knows who acted. */
export interface OperatedShop extends AsyncDisposable {
  /** @throws Unavailable naming the service; UsageError when the token does not do */
  call<T>(service: ServiceName, call: Omit<Call, 'token' | 'url'> & { readonly path: string }): Promise<Answer<T>>
}

/**
 * The local shop, or the one that BASKET_URL, CATALOG_URL, ORDERING_URL, PAYMENT_URL and TASKS_URL name. The token is ESHOP_TOKEN; without one
 * the local issuer gives one to this machine's user.
 */
export function operatedShop(environment: NodeJS.ProcessEnv = process.env): OperatedShop {
  const endpoints = localEndpoints(environment)
  const transport = createTransport()
  const tokens = localTokens(transport, endpoints.identity)
  const urlOf = (service: ServiceName) => environment[`${service.toUpperCase()}_URL`] || endpoints[service]
  const tokenOf = async () => environment.ESHOP_TOKEN || (await tokens(userInfo().username, 'operator'))

  return {
    async call<T>(service: ServiceName, { path, ...call }: Omit<Call, 'token' | 'url'> & { readonly path: string }) {
      const token = await tokenOf().catch((cause) => {
        throw new Unavailable('ISSUER_AWAY', 'the local issuer gives no token: is the shop up? Or set ESHOP_TOKEN', {
          cause,
        })
      })
      const url = `${urlOf(service)}${path}`
      const answer = await transport.persist<T>({ ...call, token, url }, { attempts: 3 }).catch((cause) => {
        throw new Unavailable('SERVICE_AWAY', `${service} does not answer at ${urlOf(service)}`, { cause })
      })
      const { status } = answer
      if (status === 401 || status === 403)
        throw new UsageError('TOKEN_REFUSED', `${service} refused the token (${status}): it needs the role operator`)
      if (status >= 500)
        throw new Unavailable('SERVICE_AWAY', `${service} cannot answer now (${status}): ${detailOf(answer)}`)
      if (status === 400) throw new UsageError('REFUSED', `${service} refused: ${detailOf(answer)}`)
      return answer
    },
    async [Symbol.asyncDispose]() {
      transport.close()
    },
  }
}

export function detailOf({ body }: Answer): string {
  const { detail, errors } = (body ?? {}) as {
    detail?: string
    errors?: readonly { pointer: string; detail: string }[]
  }
  return [detail ?? 'no detail', ...(errors ?? []).map((each) => `${each.pointer} ${each.detail}`)].join('; ')
}

/** @throws CodedError when something other than success came */
export function bodyOf<T>(answer: Answer<T>): T {
  if (answer.status < 300) return answer.body
  throw new CodedError('UNEXPECTED_ANSWER', `${answer.status}: ${detailOf(answer)}`)
}
