import Type from 'typebox'
import { decodeCursor, pageOf, pageQuery, toPage } from '#pipelines/http/pages.ts'
import type { HttpApp, Routes } from '#pipelines/http/types.ts'
import type { Database } from '#pipelines/kernel/database.ts'
import { listAudit } from '../audit.ts'
import { AuditEntry, READS } from './schemas.ts'

const Position = Type.Integer({ minimum: 1 })

/** Who did what, when, and what it was before and after. */
export function auditRoutes(database: Database): Routes {
  return (app: HttpApp) => {
    app.get(
      '/v1/audit',
      {
        config: { access: READS },
        schema: {
          tags: ['audit'],
          summary: 'Changes of schedules, and launches, cancellations and retries, newest first',
          querystring: Type.Object({
            ...pageQuery,
            subject: Type.Optional(Type.String({ maxLength: 200, description: 'schedule:NAME or execution:ID' })),
          }),
          response: { 200: pageOf(AuditEntry) },
        },
      },
      async ({ query: { subject, cursor, limit } }) => {
        const before = cursor === undefined ? undefined : decodeCursor(cursor, Position)
        const rows = await listAudit(database, { subject, before, limit: limit + 1 })
        return toPage(
          rows,
          limit,
          ({ id }) => id,
          (row) => row,
        )
      },
    )
  }
}
