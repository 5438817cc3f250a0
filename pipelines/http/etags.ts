import type { FastifyReply, FastifyRequest } from 'fastify'
import { badRequest, preconditionFailed, preconditionRequired } from './problems.ts'

/**
 * The strong entity tag of a version that grows with every edit (RFC 9110, section 8.8.3). `part` counts what else changes the answer
 * without being an edit, such as stock: it makes caches ask again, and no edit fail.
 */
export function etagOf(version: number, part?: number): string {
  return part === undefined ? `"${version}"` : `"${version}-${part}"`
}

/** What If-Match asks for: one of these versions, or anything that exists. */
export type Expected = 'any' | readonly number[]

/**
 * Reads If-Match. Weak and foreign tags match nothing, as RFC 9110 compares strongly.
 * @throws Problem 428 `IF_MATCH_REQUIRED` without the header, 400 `IF_MATCH_INVALID` when it is no list of tags
 */
export function readIfMatch(request: FastifyRequest): Expected {
  const header = request.headers['if-match']?.trim()
  if (!header) {
    throw preconditionRequired('IF_MATCH_REQUIRED', 'send If-Match with the ETag of the version you have seen')
  }
  if (header === '*') return 'any'
  const versions: number[] = []
  for (const tag of header.split(',').map((text) => text.trim())) {
    if (!/^(W\/)?"[\x21\x23-\x7e]*"$/.test(tag)) {
      throw badRequest('IF_MATCH_INVALID', 'If-Match must hold quoted entity tags', {
        errors: [{ pointer: '/if-match', detail: 'must be * or a list of quoted tags', in: 'header' }],
      })
    }
    const version = /^"(\d{1,15})(?:-\d{1,15})?"$/.exec(tag)
    if (version) versions.push(Number(version[1]))
  }
  return versions
}

/** @throws Problem 412 `VERSION_CHANGED` when somebody else was faster */
export function checkVersion(expected: Expected, current: number): void {
  if (expected !== 'any' && !expected.includes(current)) {
    throw preconditionFailed('VERSION_CHANGED', 'somebody changed this since you read it: read it again', {
      headers: { etag: etagOf(current) },
    })
  }
}

/** Sets the ETag and says whether the client has this version already: then answer 304 without a body. */
export function notModified(request: FastifyRequest, reply: FastifyReply, version: number, part?: number): boolean {
  const tag = etagOf(version, part)
  reply.header('etag', tag)
  const header = request.headers['if-none-match']
  if (header === undefined) return false
  return header === '*' || header.split(',').some((text) => text.trim().replace(/^W\//, '') === tag)
}
