import { describe, expect, it } from 'vitest'
import { smallServer } from './testing/small-server.ts'

const { raw, runningLike } = smallServer()

describe('an analyst', () => {
  const ask = (sql: string, path = '/') => raw(path, { method: 'POST', body: sql, user: 'analyst:read' })

  it.each([
    'SELECT count() FROM shop.t',
    'WITH x AS (SELECT 1 AS a) SELECT * FROM x JOIN numbers(3) AS n ON n.number = x.a',
    'SHOW TABLES FROM shop',
    'DESCRIBE TABLE shop.t',
    'EXISTS TABLE shop.t',
    'EXPLAIN SELECT * FROM shop.t',
    'SELECT name FROM system.tables WHERE database = currentDatabase() FORMAT CSV',
    'SELECT * FROM information_schema.tables LIMIT 1',
  ])('may %s', async (sql) => {
    expect(await ask(sql)).toMatchObject({ status: 200 })
  })

  it.each([
    "INSERT INTO shop.t VALUES (1, 'x')",
    'INSERT INTO shop.t FORMAT CSV\n1,x\n',
    'DROP TABLE shop.t',
    'CREATE TABLE shop.u (a Int8) ENGINE = Memory',
    'SET readonly = DEFAULT',
    'SELECT 1 SETTINGS readonly = 0',
    'SELECT 1 SETTINGS max_execution_time = DEFAULT',
    "SELECT file('/etc/passwd')",
    "SELECT file('/etc/passwd') AS `a\nb`",
    'SELECT * FROM shop_store.secret AS `a\n) (children 1`',
    'SELECT * FROM view(SELECT * FROM shop_store.secret)',
    'SELECT (SELECT max(a) FROM `shop_store`.`secret`)',
    'DESCRIBE TABLE shop_store.secret',
    "SELECT * FROM file('/etc/passwd', 'LineAsString')",
    "SELECT * FROM url('http://127.0.0.1:1/', 'CSV')",
    "DESCRIBE TABLE s3('http://127.0.0.1:1/x')",
    "EXPLAIN SELECT file('/etc/passwd')",
    "SELECT 1 INTO OUTFILE '/tmp/eshop-outfile'",
    'SELECT * FROM shop_store.secret',
    'SELECT 1 IN shop_store.secret',
    "SELECT * FROM merge('shop_store', '.*')",
    'SELECT * FROM system.processes',
    'SELECT 1; DROP TABLE shop.t',
    'SELECT 1 -- \n; DROP TABLE shop.t',
    'SYSTEM SHUTDOWN',
    'KILL QUERY WHERE 1',
    'USE shop_store',
  ])('may not %s', async (sql) => {
    const { status, text } = await ask(sql)
    expect(status, text).toBeGreaterThanOrEqual(400)
    expect(text).toMatch(/ACCESS_DENIED|READONLY|SYNTAX_ERROR|BAD_ARGUMENTS/)
  })

  it('is told of a function that does not exist as of one that may not be called, each by its name', async () => {
    expect((await ask('SELECT cuont() FROM shop.t')).text).toMatch(/Function with name `cuont`.*\(UNKNOWN_FUNCTION\)/)
    expect((await ask("SELECT file('/etc/passwd')")).text).toMatch(/file\(\) is not for analysts.*\(ACCESS_DENIED\)/)
    expect(await ask('SELECT name FROM system.functions LIMIT 1')).toMatchObject({ status: 200 })
  })

  it('may not reach the stored tables by parameter or by database', async () => {
    expect(await ask('SELECT * FROM {t:Identifier}', '/?param_t=shop_store.secret')).toMatchObject({ status: 403 })
    expect(await ask('SELECT * FROM secret', '/?database=shop_store')).toMatchObject({ status: 403 })
  })

  it('asks for less than its limits, never for more', async () => {
    expect((await ask("SELECT getSetting('max_execution_time')", '/?max_execution_time=5')).text).toBe('5\n')
    expect((await ask("SELECT getSetting('max_execution_time')", '/?max_execution_time=0')).text).toBe('60\n')
    expect((await ask('SELECT 1', '/?max_insert_threads=5')).text).toContain('READONLY')
    expect((await ask('SELECT sleep(3) FORMAT Null', '/?max_execution_time=1')).status).toBe(408)
  })

  it('gets less of an answer that the engine has to hold as a whole', async () => {
    const most = async (format: string) =>
      (await ask("SELECT getSetting('max_result_bytes')", `/?default_format=${format}`)).text
    expect(await most('TSV')).toBe('1000000000\n')
    expect(await most('JSONCompact')).toContain('256000000')
  })

  it('is told when too many ask at once, and others are let past', async () => {
    const leave = new AbortController()
    const mark = 'c_crowd'
    const slow = `SELECT max(cityHash64(repeat(toString(number), 200))) AS ${mark} FROM numbers(1000000000)`
    const asAsker = (asker: string, body: string, signal?: AbortSignal) =>
      raw(`/?quota_key=${asker}`, { method: 'POST', body, user: 'analyst:read', ...(signal && { signal }) })
    const crowd = Array.from({ length: 54 }, () => asAsker('greedy', slow, leave.signal).catch(() => undefined))
    await expect.poll(() => runningLike(mark), { timeout: 15_000 }).toBe(4)
    await expect.poll(async () => (await asAsker('greedy', 'SELECT 1')).status, { timeout: 10_000 }).toBe(503)
    expect((await asAsker('greedy', 'SELECT 1')).text).toMatch(/Code: 202.*TOO_MANY_SIMULTANEOUS_QUERIES/)
    leave.abort()
    await Promise.all(crowd)
    await expect.poll(() => runningLike(mark), { timeout: 5000 }).toBe(0)
    expect((await asAsker('greedy', 'SELECT 1')).text).toBe('1\n')
  })
})
