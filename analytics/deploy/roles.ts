import { createHash, randomBytes } from 'node:crypto'
import { ANALYST_LIMITS } from '../server/prelude.ts'
import { databasesOf } from '../tables/migrate.ts'

/** The passwords that were given; a role without one gets no user. */
export interface Passwords {
  readonly admin?: string
  readonly ingest?: string
  readonly analyst?: string
}

export interface RoleOptions {
  readonly database: string
  readonly cluster?: string | undefined
  readonly passwords: Passwords
  readonly salt?: () => string
}

/** Analysts at once, and what each of them may use up in an hour, told apart by `quota_key`. */
const CONCURRENT = 6
const HOURLY = { queries: 20_000, read_rows: 200_000_000_000, execution_time: 7_200 } as const

/**
 * The three roles of the embedded server as SQL for a real one. No role is granted a source (URL, FILE, S3, REMOTE, …), so no table function reaches outside; views
 * are read with the rights of who made them, so that analysts need none on the tables behind. Passwords stand in it as salted SHA-256.
 */
export function roleStatements({
  database,
  cluster,
  passwords,
  salt = () => randomBytes(16).toString('hex'),
}: RoleOptions): readonly string[] {
  const { published, store } = databasesOf(database)
  const on = cluster === undefined ? '' : ` ON CLUSTER '${cluster.replaceAll("'", "\\'")}'`
  const limits = Object.entries(ANALYST_LIMITS).map(([name, most]) => `  ${name} = ${most} MIN 1 MAX ${most}`)
  const user = (role: keyof Passwords, password: string | undefined) => {
    if (!password) return []
    const mine = salt()
    const hash = createHash('sha256')
      .update(password + mine)
      .digest('hex')
    return [
      `CREATE USER OR REPLACE eshop_${role}${on} IDENTIFIED WITH sha256_hash BY '${hash}' SALT '${mine}' DEFAULT ROLE eshop_${role}_role`,
      `GRANT${on} eshop_${role}_role TO eshop_${role}`,
    ]
  }
  return [
    `CREATE SETTINGS PROFILE OR REPLACE eshop_analyst_profile${on} SETTINGS\n  readonly = 2 CONST,\n  allow_ddl = 0 CONST,\n${limits.join(',\n')},\n  max_concurrent_queries_for_user = ${CONCURRENT} CONST,\n  cancel_http_readonly_queries_on_client_close = 1 CONST`,
    `CREATE SETTINGS PROFILE OR REPLACE eshop_ingest_profile${on} SETTINGS\n  async_insert = 0 CONST,\n  distributed_foreground_insert = 1 CONST,\n  default_normal_view_sql_security = 'DEFINER'`,
    `CREATE ROLE OR REPLACE eshop_analyst_role${on} SETTINGS PROFILE 'eshop_analyst_profile'`,
    `GRANT${on} SHOW, SELECT ON ${published}.* TO eshop_analyst_role`,
    `CREATE QUOTA OR REPLACE eshop_analyst_quota${on} KEYED BY client_key, user_name FOR INTERVAL 1 hour MAX ${Object.entries(
      HOURLY,
    )
      .map(([name, most]) => `${name} = ${most}`)
      .join(', ')} TO eshop_analyst_role`,
    `CREATE ROLE OR REPLACE eshop_ingest_role${on} SETTINGS PROFILE 'eshop_ingest_profile'`,
    ...[published, store].map(
      (name) =>
        `GRANT${on} SHOW, SELECT, INSERT, ALTER, CREATE DATABASE, CREATE TABLE, CREATE VIEW, DROP TABLE, DROP VIEW, TRUNCATE, OPTIMIZE ON ${name}.* TO eshop_ingest_role`,
    ),
    `GRANT${on} SET DEFINER ON * TO eshop_ingest_role`,
    // Retention and erasing change the tables of every server.
    ...(on === '' ? [] : [`GRANT${on} CLUSTER ON *.* TO eshop_ingest_role`]),
    ...['parts', 'tables', 'columns', 'databases', 'processes', 'mutations'].map(
      (name) => `GRANT${on} SELECT ON system.${name} TO eshop_ingest_role`,
    ),
    `CREATE ROLE OR REPLACE eshop_admin_role${on}`,
    `GRANT${on} ALL ON *.* TO eshop_admin_role WITH GRANT OPTION`,
    ...user('analyst', passwords.analyst),
    ...user('ingest', passwords.ingest),
    ...user('admin', passwords.admin),
  ]
}
