import { once } from 'node:events'
import { request as httpRequest, type IncomingMessage } from 'node:http'
import { request as httpsRequest } from 'node:https'
import { isIP } from 'node:net'
import { SECOND } from '#pipelines/kernel/clock.ts'
import { CodedError } from '#pipelines/kernel/errors.ts'
import { isPublic, publicLookup, type Resolve, refused } from './addresses.ts'

export interface WebhookSettings {
  /** Private addresses may be called, and those over plain HTTP too. */
  readonly allowPrivate: boolean
  readonly resolve?: Resolve
  /** A certificate authority to trust beside the usual ones, PEM. */
  readonly ca?: string
  readonly limitMs?: number
}

/**
 * Posts JSON to a webhook once. Redirects are not followed: they would lead to an address that nobody has looked at.
 * @throws CodedError `WEBHOOK_ADDRESS_REFUSED`, `WEBHOOK_FAILED` (retriable)
 */
export async function post(webhook: string, key: string, body: object, settings: WebhookSettings): Promise<void> {
  const { allowPrivate, resolve, ca, limitMs = 10 * SECOND } = settings
  const url = new URL(webhook)
  const host = url.hostname.replace(/^\[|\]$/g, '')
  if (url.protocol !== 'https:' && !(allowPrivate && url.protocol === 'http:'))
    throw new CodedError(
      'WEBHOOK_ADDRESS_REFUSED',
      `a webhook is called over https: ${url.host} is ${url.protocol.slice(0, -1)}`,
    )
  // A connection to a number looks nothing up.
  if (!allowPrivate && isIP(host) !== 0 && !isPublic(host)) throw refused(host)
  const text = JSON.stringify(body)
  const request = (url.protocol === 'https:' ? httpsRequest : httpRequest)(url, {
    method: 'POST',
    agent: false, // a kept connection would not be looked at again
    timeout: limitMs,
    signal: AbortSignal.timeout(limitMs),
    ...(ca !== undefined && { ca }),
    ...(!allowPrivate && { lookup: publicLookup(resolve) }),
    headers: {
      'content-type': 'application/json',
      'content-length': Buffer.byteLength(text),
      'user-agent': 'eshop-alerts',
      'idempotency-key': key,
    },
  })
  const status = await answered(request.end(text), url.host)
  if (status < 200 || status > 299)
    throw new CodedError('WEBHOOK_FAILED', `${url.host} answered ${status}`, { retriable: true, facts: { status } })
}

async function answered(request: ReturnType<typeof httpRequest>, host: string): Promise<number> {
  try {
    const [response] = (await once(request, 'response')) as [IncomingMessage]
    response.on('error', () => {})
    response.destroy() // what it says beside its status is nobody's business
    return response.statusCode ?? 0
  } catch (cause) {
    if (cause instanceof CodedError) throw cause
    throw new CodedError('WEBHOOK_FAILED', `${host} could not be called`, { retriable: true, cause })
  } finally {
    request.on('error', () => {})
  }
}
