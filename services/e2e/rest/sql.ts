import { createClient } from '@clickhouse/client'
import { CodedError, Unavailable } from '#pipelines/kernel/errors.ts'
import type { Closable } from '#pipelines/kernel/lifecycle.ts'
import { backoffMs, pause } from '#pipelines/kernel/lifecycle.ts'

/** ClickHouse as an analyst meets it: reads only. */
export interface Sql extends Closable {
  /** The rows of a SELECT; repeated while the server is away. @throws Unavailable `CLICKHOUSE_AWAY` */
  query<Row>(statement: string): Promise<Row[]>
}

const ATTEMPTS = 12

export function openSql(url: string, environment: NodeJS.ProcessEnv = process.env): Sql {
  const client = createClient({
    url,
    username: environment.CLICKHOUSE_ANALYST_USER || 'analyst',
    password: environment.CLICKHOUSE_ANALYST_PASSWORD ?? '',
    log: { level: 127 }, // off: what fails is repeated, and what fails for good is thrown
  })
  return {
    async query<Row>(statement: string): Promise<Row[]> {
      for (let attempt = 1; ; attempt++) {
        try {
          const answer = await client.query({ query: statement, format: 'JSONEachRow' })
          return await answer.json<Row>()
        } catch (cause) {
          if (isRefusal(cause)) throw new CodedError('SQL_REFUSED', `ClickHouse refused: ${cause.message}`, { cause })
          if (attempt === ATTEMPTS)
            throw new Unavailable('CLICKHOUSE_AWAY', `no answer from ClickHouse at ${url}`, { cause })
          await pause(backoffMs(attempt))
        }
      }
    },
    close: () => client.close(),
  }
}

/** An answer with a code of ClickHouse's own, against a connection that failed. */
function isRefusal(error: unknown): error is Error {
  return error instanceof Error && /^\d+$/.test(String((error as Error & { code?: unknown }).code ?? ''))
}
