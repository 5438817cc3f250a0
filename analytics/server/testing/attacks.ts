import fc from 'fast-check'

/** What must never be read: names of tables and files, and an address that must never be called. */
export interface Treasure {
  /** A stored table, as `database.table`, and another database's. */
  readonly tables: readonly (readonly [database: string, table: string])[]
  readonly file: string
  /** A folder that must stay empty. */
  readonly folder: string
  /** `http://127.0.0.1:port`, where nobody may call. */
  readonly url: string
}

const word = (text: string): fc.Arbitrary<string> =>
  fc.constantFrom(text, text.toUpperCase(), `\`${text}\``, `"${text}"`, `/**/${text}`, `${text}/* x */`)
const gap = fc.constantFrom(' ', '\n', '\t', ' /* ; */ ', ' -- x\n', '\r\n', ' # x\n', '  /* \' " ` */ ')

/** Something with a value that an analyst must not get. */
function values({ tables, file, url }: Treasure): fc.Arbitrary<string> {
  const stored = fc.constantFrom(...tables)
  return fc.oneof(
    fc.tuple(word('file'), gap).map(([name, between]) => `${name}${between}('${file}')`),
    stored.chain(([d, t]) =>
      fc.tuple(word(d), word(t), gap).map(([db, table, g]) => `(SELECT${g}max(a)${g}FROM${g}${db}.${table})`),
    ),
    stored.map(([d, t]) => `(SELECT count() FROM system.parts WHERE database = '${d}' AND table = '${t}')`),
    stored.map(([d, t]) => `dictGet('${d}.${t}', 'a', 1)`),
    stored.map(([d, t]) => `joinGet('${d}.${t}', 'a', 1)`),
    stored.map(([d, t]) => `hasColumnInTable('${d}', '${t}', 'a')`),
    fc.constantFrom(
      `(SELECT * FROM url('${url}', 'LineAsString', 's String'))`,
      `(SELECT * FROM file('${file}', 'LineAsString', 's String'))`,
      `catboostEvaluate('${file}', 1)`,
      "getServerSetting('max_connections')",
      "reverseDNSQuery('127.0.0.1')",
      "getMacro('x')",
      'serverUUID()',
      "filesystemCapacity('default')",
      'sleepEachRow(3)',
      "aiGenerate('x')",
      'showCertificate()',
    ),
  )
}

/** Something to read from that an analyst must not read. */
function relations({ tables, file, url }: Treasure): fc.Arbitrary<string> {
  const stored = fc.constantFrom(...tables)
  return fc.oneof(
    stored.chain(([d, t]) => fc.tuple(word(d), gap, word(t)).map(([db, g, table]) => `${db}${g}.${g}${table}`)),
    stored.map(([d, t]) => `merge('${d}', '^${t}$')`),
    stored.map(([d, t]) => `remote('127.0.0.1', ${d}, ${t})`),
    stored.map(([d, t]) => `cluster('default', ${d}.${t})`),
    stored.map(([d, t]) => `loop(${d}, ${t})`),
    stored.map(([d, t]) => `view(SELECT * FROM ${d}.${t})`),
    stored.map(([d, t]) => `mergeTreeIndex('${d}', '${t}')`),
    stored.map(([d, t]) => `viewExplain('EXPLAIN', '', (SELECT * FROM ${d}.${t}))`),
    stored.map(([d, t]) => `dictionary('${d}.${t}')`),
    stored.chain(([d]) =>
      fc.tuple(word(d), gap, word('inner')).map(([db, g, view]) => `${db}${g}.${g}${view}(a = 'x')`),
    ),
    fc.constantFrom(
      `file('${file}', 'LineAsString', 's String')`,
      `url('${url}', 'CSV', 's String')`,
      `s3('${url}/b/x.csv', 'CSV', 's String')`,
      `executable('x.sh', 'CSV', 's String')`,
      `jdbc('${url}', 'x', 'y')`,
      `mysql('127.0.0.1:1', 'x', 'y', 'z', 'p')`,
      `postgresql('127.0.0.1:1', 'x', 'y', 'z', 'p')`,
      `sqlite('${file}', 'x')`,
      `deltaLakeLocal('${file}')`,
      `icebergLocal('${file}')`,
      `filesystem('/')`,
      `eval('SELECT 1')`,
      ...['processes', 'parts', 'query_log', 'users', 'grants', 'named_collections', 'server_settings', 'disks'].map(
        (table) => `system.${table}`,
      ),
      'system.stack_trace',
      'system.errors',
      'system.merges',
      'SYSTEM.`processes`',
    ),
  )
}

const AROUND_VALUES: readonly ((value: string) => string)[] = [
  (v) => `SELECT ${v}`,
  (v) => `SELECT 1 WHERE toString(${v}) != ''`,
  (v) => `SELECT * FROM shop.t ORDER BY ${v}`,
  (v) => `WITH ${v} AS z SELECT z`,
  (v) => `SELECT arrayMap(x -> ${v}, [1])`,
  (v) => `SELECT * REPLACE (${v} AS a) FROM (SELECT 1 AS a)`,
  (v) => `SELECT * APPLY (x -> ${v}) FROM (SELECT 1 AS a)`,
  (v) => `SELECT '1' UNION ALL SELECT toString(${v})`,
  (v) => `SELECT countIf(toString(${v}) = 'x') FROM shop.t`,
  (v) => `SELECT count() FROM shop.t GROUP BY id HAVING toString(${v}) = ''`,
  (v) => `SELECT 1 FROM shop.t LIMIT 1 BY ${v}`,
  (v) => `SELECT row_number() OVER (ORDER BY ${v}) FROM shop.t`,
  (v) => `SELECT 1 FROM shop.t WINDOW w AS (PARTITION BY ${v})`,
  (v) => `SELECT z FROM shop.t ARRAY JOIN [${v}] AS z`,
  (v) => `SELECT 1 FROM shop.t AS l JOIN shop.t AS r ON l.id = r.id AND toString(${v}) = ''`,
  (v) => `SELECT CASE WHEN 1 THEN toString(${v}) END`,
  (v) => `SELECT 'x' IN (toString(${v}))`,
  (v) => `SELECT ((1, ${v}).2)::String`,
  (v) => `SELECT 1 AS n ORDER BY n WITH FILL FROM 1 TO 3 INTERPOLATE (n AS ${v})`,
  (v) => `SELECT 1 FROM shop.t GROUP BY GROUPING SETS ((id, ${v}))`,
  (v) => `SELECT 1 FROM shop.t QUALIFY toString(${v}) = ''`,
  (v) => `SELECT 1 LIMIT length(toString(${v}))`,
  (v) => `EXPLAIN SELECT ${v}`,
  (v) => `EXPLAIN AST SELECT ${v}`,
  (v) => `EXPLAIN SYNTAX SELECT ${v}`,
  (v) => `DESCRIBE (SELECT ${v} AS x)`,
  (v) => `SHOW TABLES FROM shop WHERE name = toString(${v})`,
  (v) => `SHOW DATABASES WHERE toString(${v}) != ''`,
  (v) => `SELECT * FROM numbers(toUInt64OrZero(toString(${v})))`,
  (v) => `SELECT * FROM view(SELECT ${v} AS x)`,
  (v) => `SELECT * FROM shop.named(name = toString(${v}))`,
  (v) => `SELECT * FROM shop.since(since = ${v})`,
  (v) => `SELECT l.id FROM shop.t AS l JOIN since(since = ${v}) AS r ON l.id = r.id`,
  (v) => `SELECT {a:String}, ${v}`,
  (v) => `SELECT $$'$$, ${v}`,
  (v) => `SELECT '\\'', "a", ${v} FROM (SELECT 1 AS a)`,
]

const AROUND_RELATIONS: readonly ((relation: string) => string)[] = [
  (r) => `SELECT * FROM ${r}`,
  (r) => `FROM ${r} SELECT *`,
  (r) => `SELECT * FROM shop.t, ${r}`,
  (r) => `SELECT * FROM shop.t AS l CROSS JOIN ${r} AS r`,
  (r) => `SELECT 1 WHERE 1 IN (SELECT 1 FROM ${r})`,
  (r) => `SELECT exists(SELECT 1 FROM ${r})`,
  (r) => `SELECT (SELECT count() FROM ${r})`,
  (r) => `WITH x AS (SELECT * FROM ${r}) SELECT * FROM x`,
  (r) => `WITH RECURSIVE x AS (SELECT 1 AS n UNION ALL SELECT n + 1 FROM x, ${r} WHERE n < 2) SELECT * FROM x`,
  (r) => `SELECT 1 INTERSECT SELECT 1 FROM ${r}`,
  (r) => `SELECT 1 EXCEPT (SELECT 1 FROM ${r})`,
  (r) => `(SELECT * FROM shop.t) UNION ALL (SELECT * FROM ${r})`,
  (r) => `DESCRIBE ${r}`,
  (r) => `DESCRIBE TABLE (SELECT * FROM ${r})`,
  (r) => `EXPLAIN SELECT * FROM ${r}`,
  (r) => `EXPLAIN indexes = 1 SELECT * FROM ${r}`,
  (r) => `EXPLAIN ESTIMATE SELECT * FROM ${r}`,
  (r) => `SELECT * FROM (SELECT * FROM (SELECT * FROM ${r}))`,
  (r) => `SELECT * FROM (EXPLAIN SELECT * FROM ${r})`,
  (r) => `SELECT * FROM view(SELECT * FROM ${r})`,
  (r) => `SELECT * FROM shop.since(since = (SELECT count() FROM ${r}))`,
  (r) => `SELECT 1 FROM shop.t WHERE id GLOBAL IN (SELECT 1 FROM ${r})`,
  (r) => `SELECT 1 FROM shop.t ORDER BY (SELECT count() FROM ${r})`,
  (r) => `SHOW TABLES WHERE name IN (SELECT 'x' FROM ${r})`,
  (r) => `INSERT INTO shop.t SELECT 1, 'x' FROM ${r}`,
  (r) => `CREATE TABLE shop.u ENGINE = Memory AS SELECT * FROM ${r}`,
]

/** Whole statements that change, open, stop or leave behind something. */
function deeds({ tables: [[database, table] = ['', '']], file, folder, url }: Treasure): readonly string[] {
  return [
    `SELECT 1 INTO OUTFILE '${folder}/out'`,
    `SELECT 1 INTO/**/OUTFILE '${folder}/out' FORMAT CSV`,
    `SELECT $$'$$ INTO OUTFILE '${folder}/out' -- '`,
    `SELECT * FROM (SELECT 1 INTO OUTFILE '${folder}/out')`,
    `EXPLAIN SELECT 1 INTO OUTFILE '${folder}/out'`,
    `SHOW TABLES INTO OUTFILE '${folder}/out'`,
    `SELECT * APPLY(file) FROM (SELECT '${file}')`,
    `SELECT * APPLY file FROM (SELECT '${file}')`,
    `SELECT COLUMNS('.*') APPLY(toString) APPLY(file) FROM (SELECT '${file}' AS a)`,
    `SELECT 1 SETTINGS readonly = 0`,
    `SELECT 1 SETTINGS max_execution_time = DEFAULT`,
    `SELECT * FROM (SELECT 1 SETTINGS max_memory_usage = 0)`,
    `EXPLAIN SELECT 1 SETTINGS max_threads = 64`,
    `SELECT 1 FORMAT Template SETTINGS format_template_row = '${file}'`,
    `SELECT * FROM system.tables SETTINGS additional_table_filters = {}`,
    'SET readonly = 0',
    'SET readonly = DEFAULT',
    'SET additional_table_filters = {}',
    `USE ${database}`,
    `SELECT 1; SELECT * FROM ${database}.${table}`,
    `SELECT 1;\n-- x\nDROP TABLE shop.t`,
    `SELECT 1 PARALLEL WITH SELECT * FROM ${database}.${table}`,
    `SHOW CREATE TABLE ${database}.${table}`,
    `SHOW CREATE DATABASE ${database}`,
    `EXISTS TABLE ${database}.${table}`,
    `EXISTS ${database}.${table}`,
    `SHOW PROCESSLIST`,
    'SHOW GRANTS',
    'SHOW ACCESS',
    'SHOW USERS',
    'SHOW MERGES',
    'SHOW CLUSTERS',
    'SHOW ENGINES',
    'KILL QUERY WHERE 1',
    'SYSTEM SHUTDOWN',
    'SYSTEM RELOAD CONFIG',
    `DROP TABLE shop.t`,
    'TRUNCATE TABLE shop.t',
    'ALTER TABLE shop.t DELETE WHERE 1',
    'DELETE FROM shop.t WHERE 1',
    'UPDATE shop.t SET id = 1 WHERE 1',
    'OPTIMIZE TABLE shop.t FINAL',
    'RENAME TABLE shop.t TO shop.u',
    'CREATE TEMPORARY TABLE x (a Int8)',
    'CREATE FUNCTION f AS x -> file(x)',
    'CREATE USER x',
    'CREATE DATABASE x',
    `CREATE VIEW shop.v AS SELECT * FROM ${database}.${table}`,
    `CREATE TABLE shop.u (a String) ENGINE = File(CSV, '${folder}/x')`,
    `CREATE DICTIONARY shop.d (a UInt64) PRIMARY KEY a SOURCE(HTTP(URL '${url}' FORMAT 'CSV')) LAYOUT(FLAT()) LIFETIME(1)`,
    `ATTACH TABLE shop.u FROM '${folder}' (a Int8) ENGINE = MergeTree ORDER BY a`,
    `BACKUP TABLE shop.t TO File('${folder}/b')`,
    `INSERT INTO FUNCTION file('${folder}/x', 'CSV', 'a Int8') VALUES (1)`,
    `INSERT INTO shop.t FROM INFILE '${file}' FORMAT CSV`,
    'EXPLAIN CURRENT TRANSACTION',
    'EXPLAIN INSERT INTO shop.t SELECT 1, 2',
    'BEGIN TRANSACTION',
    'GRANT SELECT ON *.* TO analyst',
    'EXECUTE AS default SELECT 1',
    `SELECT 1 IN ${database}.${table}`,
    `SELECT (1, 2) NOT IN (${database}.${table})`,
    `SELECT in(1, ${database}.${table})`,
    `SELECT * FROM \`${database}\`.\`${table}\` AS \`a\n) (children 1\``,
    `SELECT file('${file}') AS \`a\nb\``,
    `CHECK TABLE shop.t`,
    `SYSTEM FLUSH LOGS`,
    `DETACH TABLE shop.t`,
    `EXCHANGE TABLES shop.t AND ${database}.${table}`,
    `UNDROP TABLE shop.u`,
    `WATCH shop.t`,
  ]
}

/** Statements of which each must be refused, whatever is around it. */
export function attacks(treasure: Treasure): fc.Arbitrary<string> {
  const statement = fc.oneof(
    { weight: 3, arbitrary: fc.tuple(fc.constantFrom(...AROUND_VALUES), values(treasure)).map(([f, v]) => f(v)) },
    { weight: 3, arbitrary: fc.tuple(fc.constantFrom(...AROUND_RELATIONS), relations(treasure)).map(([f, r]) => f(r)) },
    { weight: 2, arbitrary: fc.constantFrom(...deeds(treasure)) },
  )
  const before = fc.constantFrom('', '', ' ', '\n', '/* SELECT 1 */ ', '-- x\n', '# x\n', '\t')
  const after = fc.constantFrom('', '', ';', ' ; ', '\n-- end', ' /* end */')
  return fc.tuple(before, statement, after).map((parts) => parts.join(''))
}

/** The deeds alone, each of which is tried. */
export const everyDeed: (treasure: Treasure) => readonly string[] = deeds

/** The same surroundings with things that an analyst may have: none may be refused for want of rights. */
export function harmless(): fc.Arbitrary<string> {
  const value = fc.constantFrom(
    '1',
    "'file'",
    "concat('a', 'b')",
    '(SELECT count() FROM shop.t)',
    'quantileIf(0.5)(1, 1)',
    'uniqArrayIf([1], 1)',
    'now()',
    'toStartOfHour(now())',
  )
  const relation = fc.constantFrom(
    'shop.t',
    '`shop`.`t`',
    'numbers(2)',
    "values('a UInt8', 1)",
    'system.one',
    '(SELECT 1 AS a)',
  )
  const values = AROUND_VALUES.filter((around) => !/^SHOW|APPLY/.test(around('')))
  const relations = AROUND_RELATIONS.filter(
    (around) => !/^(SHOW|INSERT|CREATE|SELECT \* FROM \(EXPLAIN)/.test(around('')),
  )
  return fc.oneof(
    fc.tuple(fc.constantFrom(...values), value).map(([f, v]) => f(v)),
    fc.tuple(fc.constantFrom(...relations), relation).map(([f, r]) => f(r)),
  )
}
