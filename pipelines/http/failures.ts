import { STATUS_CODES } from 'node:http'
import type { FastifyError, FastifyReply, FastifyRequest } from 'fastify'
import { CodedError, Unavailable, UsageError } from '#pipelines/kernel/errors.ts'
import { badRequest, Problem, tooLarge, unavailable } from './problems.ts'
import { invalidRequest } from './validation.ts'

/** Lets an app add how its own errors are answered. */
export type ProblemOf = (error: unknown) => Problem | undefined

/** The answer to anything that was thrown. What nobody foresaw is a 500 that says nothing of its cause. */
export function problemFrom(error: unknown, own?: ProblemOf): Problem {
  if (error instanceof Problem) return error
  const mapped = own?.(error)
  if (mapped) return mapped
  if (error instanceof Unavailable) return unavailable(error.message, 2, { code: error.code, cause: error })
  if (error instanceof UsageError) return badRequest(error.code, error.message, { cause: error })
  if (error instanceof CodedError && error.retriable) {
    return unavailable('too much happens at once: try again', 1, { code: error.code, cause: error })
  }
  return (
    fromFastify(error as FastifyError) ?? new Problem(500, 'INTERNAL', 'something broke on our side', { cause: error })
  )
}

function fromFastify(error: FastifyError): Problem | undefined {
  if (error.validation) return invalidRequest(error.validation, error.validationContext as 'body' | undefined)
  switch (error.code) {
    case 'FST_ERR_CTP_BODY_TOO_LARGE':
      return tooLarge('BODY_TOO_LARGE', 'a body may have 64 KB', { headers: { connection: 'close' } })
    case 'FST_ERR_CTP_INVALID_MEDIA_TYPE':
      return new Problem(415, 'MEDIA_TYPE_NOT_SUPPORTED', 'send the body as application/json', {
        headers: { accept: 'application/json' },
      })
    case 'FST_ERR_CTP_INVALID_CONTENT_LENGTH':
      return badRequest('BODY_INCOMPLETE', 'the body is not as long as Content-Length says')
    case 'FST_ERR_BAD_URL':
      return badRequest('URL_INVALID', 'the path cannot be decoded')
    default:
      return isCallersFault(error)
        ? new Problem(error.statusCode as number, 'REQUEST_REFUSED', 'this request is not one that can be served', {
            cause: error,
          })
        : undefined
  }
}

/** Fastify's own refusals that have no words of ours: new ones come with its versions, and none is an error of ours. */
function isCallersFault({ code, statusCode = 0 }: FastifyError): boolean {
  return String(code).startsWith('FST_') && statusCode >= 400 && statusCode < 500
}

/** Sends a problem as RFC 9457 says. Nothing of the request is repeated in it, and no stack ever leaves the process. */
export function sendProblem(request: FastifyRequest, reply: FastifyReply, problem: Problem): FastifyReply {
  const { status, code, message, errors, headers, extensions } = problem
  if (status >= 500) {
    const route = request.routeOptions?.url
    const facts = { err: problem.cause ?? problem, status, code, method: request.method, route }
    if (status === 500) request.log.error(facts, 'a request failed')
    else request.log.warn(facts, 'a request could not be served')
  }
  return reply
    .code(status)
    .headers({ ...headers, 'cache-control': 'no-store' })
    .type('application/problem+json')
    .serializer(JSON.stringify)
    .send({
      // First, so that an extension cannot take the name of a standard member.
      ...extensions,
      type: `urn:eshop:problem:${code.toLowerCase().replaceAll('_', '-')}`,
      title: STATUS_CODES[status] ?? 'Error',
      status,
      code,
      detail: message,
      instance: `urn:uuid:${request.id}`,
      ...(errors && { errors }),
    })
}
