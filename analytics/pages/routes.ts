import { createHash } from 'node:crypto'
import { Readable } from 'node:stream'
import type { FastifyReply, FastifyRequest } from 'fastify'
import { notFound } from '#pipelines/http/problems.ts'
import type { Routes } from '#pipelines/http/types.ts'
import { Type } from '#pipelines/kernel/config.ts'
import type { Bundle, PageFile } from './bundle.ts'
import { documentOf, PAGE_POLICY } from './document.ts'

const TYPES: Readonly<Record<string, string>> = {
  js: 'text/javascript; charset=utf-8',
  css: 'text/css; charset=utf-8',
  svg: 'image/svg+xml',
}
const YEAR_S = 365 * 24 * 3_600

/** The dashboards at `/`, and the files they are made of. Public: they hold no data. */
export function pageRoutes(bundle: () => Promise<Bundle>, { localSignIn }: { readonly localSignIn: boolean }): Routes {
  return (app) => {
    app.get('/', { config: { access: 'public' }, schema: { hide: true } }, async (request, reply) => {
      const text = documentOf(await bundle(), { localSignIn })
      const etag = `"${createHash('sha256').update(text).digest('base64url').slice(0, 20)}"`
      reply.header('content-security-policy', PAGE_POLICY).header('cache-control', 'no-cache').header('etag', etag)
      if (request.headers['if-none-match'] === etag) return reply.code(304).send()
      return reply.type('text/html; charset=utf-8').send(text)
    })
    app.get(
      '/assets/:file',
      {
        config: { access: 'public' },
        schema: { hide: true, params: Type.Object({ file: Type.String({ maxLength: 100 }) }) },
      },
      async (request, reply) => {
        const { file: name } = request.params
        const file = (await bundle()).files.get(name)
        if (!file) throw notFound('FILE_UNKNOWN', 'the page has been updated since: reload it')
        reply.header('cache-control', `public, max-age=${YEAR_S}, immutable`).header('vary', 'accept-encoding')
        return reply
          .type(TYPES[name.split('.').at(-1) ?? ''] ?? 'application/octet-stream')
          .send(Readable.from([encoded(file, request, reply)]))
      },
    )
  }
}

/** The smallest form of a file that the browser takes. Over plain HTTP browsers do not ask for br. */
function encoded({ body, gzip, br }: PageFile, request: FastifyRequest, reply: FastifyReply): Buffer {
  const accepted = String(request.headers['accept-encoding'] ?? '')
  const [encoding, bytes] = /\bbr\b/.test(accepted)
    ? ['br', br]
    : /\bgzip\b/.test(accepted)
      ? ['gzip', gzip]
      : ['identity', body]
  if (encoding !== 'identity') reply.header('content-encoding', encoding)
  reply.header('content-length', bytes.length)
  return bytes as Buffer
}
