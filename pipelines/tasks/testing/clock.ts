import type { Sql } from '#pipelines/kernel/database.ts'

/**
 * Puts a clock into a tasks database that runs `speed` times as fast as the real one, and can be moved: what reads the database's time
 * (`tasks_now()`) then reads this.
 */
export async function testClock(sql: Sql, speed = 1): Promise<{ jump(ms: number): Promise<void> }> {
  await sql.query('create table test_clock (began timestamptz not null, moved_ms float8 not null)')
  await sql.query('insert into test_clock values (clock_timestamp(), 0)')
  await sql.query(
    `create or replace function tasks_now() returns timestamptz language sql volatile as
     'select began + (clock_timestamp() - began) * ${speed} + moved_ms * interval ''1 millisecond'' from test_clock'`,
  )
  return {
    async jump(ms) {
      await sql.query('update test_clock set moved_ms = moved_ms + $1', [ms])
    },
  }
}
