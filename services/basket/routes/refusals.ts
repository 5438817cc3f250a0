import { STATUS_CODES } from 'node:http'
import type { FastifyRequest } from 'fastify'
import type { Answer } from '#pipelines/http/idempotency.ts'
import type { Line, Products } from '../basket.ts'
import { changedPriceView } from './schemas.ts'

/**
 * Refusals of a checkout that are answers of a committed transaction, not errors that roll it back: the new prices count as told, and
 * what is kept under the key is answered again.
 */
export function priceChanged(request: FastifyRequest, lines: readonly Line[], products: Products): Answer {
  const prices = lines.map((line) => changedPriceView(line, products))
  const detail = 'prices have changed: look at them and check out again, with the same key if you like'
  return refusal(request, 409, 'PRICE_CHANGED', detail, 'no', { prices })
}

export function emptyBasket(request: FastifyRequest): Answer {
  return refusal(request, 422, 'BASKET_EMPTY', 'there is nothing in the basket', '7 days')
}

export function currenciesDiffer(request: FastifyRequest): Answer {
  const detail = 'the products in this basket have come to have different currencies: take some out'
  return refusal(request, 409, 'CURRENCY_DIFFERS', detail, 'no')
}

export function totalTooLarge(request: FastifyRequest): Answer {
  return refusal(request, 422, 'TOTAL_TOO_LARGE', 'the total of this basket is too large', 'no')
}

function refusal(
  request: FastifyRequest,
  status: number,
  code: string,
  detail: string,
  keep: Answer['keep'],
  extensions: Record<string, unknown> = {},
): Answer {
  const body = {
    type: `urn:eshop:problem:${code.toLowerCase().replaceAll('_', '-')}`,
    title: STATUS_CODES[status],
    status,
    code,
    detail,
    instance: `urn:uuid:${request.correlationId}`,
    ...extensions,
  }
  return { status, body, headers: { 'content-type': 'application/problem+json' }, keep }
}
