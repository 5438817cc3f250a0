import type { Sql } from '#pipelines/kernel/database.ts'
import { iso } from './executions/columns.ts'

/** Who changes something, and why. */
export interface Actor {
  /** An opaque subject, or the name of a program. */
  readonly actor: string
  readonly reason?: string | undefined
}

export interface AuditEntry {
  readonly id: number
  readonly at: string
  readonly actor: string
  readonly action: string
  /** `schedule:NAME` or `execution:ID` */
  readonly subject: string
  readonly before: unknown
  readonly after: unknown
  readonly reason: string | null
}

export type Deed = Pick<AuditEntry, 'action' | 'subject'> & { readonly before?: unknown; readonly after?: unknown }

/** Writes down a change, in the transaction that makes it. */
export async function audit(sql: Sql, { actor, reason = undefined }: Actor, deed: Deed): Promise<void> {
  const json = (value: unknown) => (value === undefined ? null : JSON.stringify(value))
  await sql.query(
    `insert into task_audit (at, actor, action, subject, before, after, reason) values (tasks_now(), $1, $2, $3, $4::jsonb, $5::jsonb, $6)`,
    [actor, deed.action, deed.subject, json(deed.before), json(deed.after), reason ?? null],
  )
}

export interface AuditFilter {
  readonly subject?: string | undefined
  /** Where the page before ended. */
  readonly before?: number | undefined
  readonly limit: number
}

/** What was done, newest first. */
export async function listAudit(sql: Sql, { subject, before, limit }: AuditFilter): Promise<readonly AuditEntry[]> {
  const values: unknown[] = [limit]
  const conditions = [
    subject !== undefined && `subject = $${values.push(subject)}`,
    before !== undefined && `id < $${values.push(before)}`,
  ].filter((condition) => condition !== false)
  return sql.query<AuditEntry & Record<string, unknown>>(
    `select id, ${iso('at')} as at, actor, action, subject, before, after, reason from task_audit
     ${conditions.length > 0 ? `where ${conditions.join(' and ')}` : ''} order by id desc limit $1`,
    values,
  )
}
