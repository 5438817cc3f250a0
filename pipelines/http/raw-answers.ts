import { STATUS_CODES } from 'node:http'
import type { Socket } from 'node:net'
import { newId } from '#pipelines/kernel/ids.ts'

/** Answers what is not even a request: broken syntax, headers too large, too slow. There is no Fastify reply yet, only the socket. */
export function answerBrokenRequest(error: Error & { code?: string }, socket: Socket): void {
  if (error.code === 'ECONNRESET' || !socket.writable) {
    socket.destroy()
    return
  }
  const [status, code, detail] = meaningOf(error.code)
  const body = JSON.stringify({
    type: `urn:eshop:problem:${code.toLowerCase().replaceAll('_', '-')}`,
    title: STATUS_CODES[status],
    status,
    code,
    detail,
    instance: `urn:uuid:${newId()}`,
  })
  socket.end(
    `HTTP/1.1 ${status} ${STATUS_CODES[status]}\r\ncontent-type: application/problem+json\r\n` +
      `content-length: ${Buffer.byteLength(body)}\r\nconnection: close\r\n\r\n${body}`,
  )
}

function meaningOf(code: string | undefined): readonly [status: number, code: string, detail: string] {
  switch (code) {
    case 'HPE_HEADER_OVERFLOW':
      return [431, 'HEADERS_TOO_LARGE', 'the headers are too large']
    case 'ERR_HTTP_REQUEST_TIMEOUT':
      return [408, 'REQUEST_TOO_SLOW', 'the request did not arrive in time']
    case 'HPE_INVALID_METHOD':
      return [400, 'METHOD_UNKNOWN', 'this is no HTTP method']
    default:
      return [400, 'HTTP_INVALID', 'this is no valid HTTP request']
  }
}
