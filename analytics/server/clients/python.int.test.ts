import { join } from 'node:path'
import { expect, it } from 'vitest'
import { run } from '#pipelines/local/process/run.ts'
import { checksOf, claimed, clientServer, PASSWORDS } from './checks.ts'
import { pythonClient } from './install.ts'

const python = await pythonClient()
const program = join(import.meta.dirname, 'clickhouse_connect_test.py')

if ('missing' in python) it.skip(`Python's clickhouse-connect (${python.missing})`)
else
  it("Python's clickhouse-connect does what the README says", async () => {
    const server = await clientServer()
    try {
      const [host = '', port = ''] = server.address.split(':')
      const output = await run(join(python.folder, 'bin/python'), [
        program,
        host,
        port,
        PASSWORDS.admin,
        PASSWORDS.analyst,
      ])
      const checks = checksOf(output)
      expect(checks.filter(({ ok }) => !ok)).toEqual([])
      expect(claimed('Python')).toEqual(checks.map(({ check }) => check))
    } finally {
      await server.close()
    }
  })
