import type { FastifyRequest } from 'fastify'
import { holdsCardNumber } from '#pipelines/kernel/redaction.ts'
import { badRequest, type Problem } from './problems.ts'

/** A card number has at least 13 digits: shorter texts need no look. */
const SHORTEST = 13

function refusal(): Problem {
  return badRequest('CARD_DATA_NOT_ACCEPTED', 'this API takes no card numbers: send a payment token instead')
}

/** Looks at the address and all headers, decoded. @throws Problem 400 `CARD_DATA_NOT_ACCEPTED`, `TEXT_INVALID`, without a word of what stood there */
export function checkHead(request: FastifyRequest): void {
  const text = `${request.raw.rawHeaders.join('\n')}\n${decoded(request.raw.url ?? '')}`
  if (holdsCardNumber(text)) throw refusal()
  refuseNul(text)
}

/** PostgreSQL's text cannot hold U+0000: found late it would be a 500. */
function refuseNul(text: string): void {
  if (text.includes('\0')) throw badRequest('TEXT_INVALID', 'text must not hold the character U+0000')
}

function decoded(url: string): string {
  if (!url.includes('%') && !url.includes('+')) return url
  const spaced = url.replaceAll('+', ' ')
  try {
    return decodeURIComponent(spaced)
  } catch {
    return spaced
  }
}

/**
 * Looks at every text, number and property name of a parsed body, at any depth. It looks at parsed values, since JSON can hide digits
 * in the raw text (backslash-u escapes, exponents); and it does not recurse, so that deep nesting cannot exhaust the stack.
 */
export function checkBody(body: unknown): void {
  const open: unknown[] = [body]
  while (open.length > 0) {
    const value = open.pop()
    if (typeof value === 'string') {
      refuseNul(value)
      if (value.length >= SHORTEST && holdsCardNumber(value)) throw refusal()
    } else if (typeof value === 'number') {
      if (value >= 1e12 && holdsCardNumber(String(value))) throw refusal()
    } else if (Array.isArray(value)) {
      for (const element of value) open.push(element)
    } else if (value !== null && typeof value === 'object') {
      for (const [name, element] of Object.entries(value)) open.push(name, element)
    }
  }
}
