import { join } from 'node:path'
import { expect, it } from 'vitest'
import { run } from '#pipelines/local/process/run.ts'
import { checksOf, claimed, clientServer, PASSWORDS } from './checks.ts'
import { jdbcClient } from './install.ts'

const jdbc = await jdbcClient()
const program = join(import.meta.dirname, 'JdbcTest.java')

if ('missing' in jdbc) it.skip(`ClickHouse's JDBC driver (${jdbc.missing})`)
else
  it("ClickHouse's JDBC driver does what the README says", async () => {
    const server = await clientServer()
    try {
      const java = ['-Xmx256m', '-XX:TieredStopAtLevel=1', '-cp', join(jdbc.folder, '*')]
      const output = await run('java', [...java, program, server.address, PASSWORDS.admin, PASSWORDS.analyst])
      const checks = checksOf(output)
      expect(checks.filter(({ ok }) => !ok)).toEqual([])
      expect(claimed('JDBC')).toEqual(checks.map(({ check }) => check))
    } finally {
      await server.close()
    }
  })
