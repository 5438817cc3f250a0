"""What Python's clickhouse-connect does with the server. Prints one JSON line per check: {"check", "ok", "detail"}.

URL, the admin's and the analyst's password come as arguments; python.int.test.ts runs it.
"""

import datetime
import decimal
import ipaddress
import json
import sys
import threading
import time
import uuid

import clickhouse_connect
from clickhouse_connect import common
from clickhouse_connect.driver.exceptions import DatabaseError, OperationalError

HOST, PORT, ADMIN, ANALYST = sys.argv[1], int(sys.argv[2]), sys.argv[3], sys.argv[4]
CHECKS = []


def check(name):
    def add(work):
        CHECKS.append((name, work))
        return work

    return add


def client(**options):
    given = {"host": HOST, "port": PORT, "username": "writer", "password": ADMIN, **options}
    return clickhouse_connect.get_client(**given)


def expect(value, wanted):
    assert value == wanted, f"{value!r} is not {wanted!r}"


@check("get_client with its default options: a session of its own, compressed")
def _connect():
    with client() as db:
        assert db.server_version.startswith("26."), db.server_version
        expect(str(db.server_tz), "UTC")
        assert db.ping()


@check("query: rows of many types")
def _types():
    with client() as db:
        result = db.query(
            "SELECT toUInt64(18446744073709551615), toInt8(-1), 1.5, 'ä', toDate('2026-01-02'), "
            "toDateTime64('2026-01-02 03:04:05.678', 3, 'UTC'), toDecimal64('12.50', 2), "
            "toUUID('019a0000-0000-7000-8000-000000000001'), [1, 2], map('a', 1), (1, 'x'), NULL, "
            "toIPv4('127.0.0.1'), true, toLowCardinality('low'), CAST('a', 'Enum8(\\'a\\' = 1)'), toFixedString('ab', 2)"
        )
        row = list(result.result_rows[0])
        row[5] = row[5].replace(tzinfo=None)
        expect(
            row,
            [
                18446744073709551615,
                -1,
                1.5,
                "ä",
                datetime.date(2026, 1, 2),
                datetime.datetime(2026, 1, 2, 3, 4, 5, 678000),
                decimal.Decimal("12.50"),
                uuid.UUID("019a0000-0000-7000-8000-000000000001"),
                [1, 2],
                {"a": 1},
                (1, "x"),
                None,
                ipaddress.IPv4Address("127.0.0.1"),
                True,
                "low",
                "a",
                b"ab",
            ],
        )


@check("query: parameters, bound by the server")
def _parameters():
    with client() as db:
        text = "it's \\ \t and \n {x:String}; SELECT 2"
        result = db.query(
            "SELECT {s:String}, {n:UInt32} + 1, {a:Array(String)}, {d:DateTime}",
            parameters={"s": text, "n": 41, "a": ["x'", "y"], "d": datetime.datetime(2026, 1, 2, 3, 4, 5)},
        )
        expect(result.result_rows[0][:3], (text, 42, ["x'", "y"]))


@check("query: settings of the request")
def _settings():
    with client() as db:
        expect(db.query("SELECT getSetting('max_threads')", settings={"max_threads": 1}).result_rows, [(1,)])


def insert_with(compress):
    with client(compress=compress) as db:
        db.command("CREATE TABLE shop.py (id UInt64, name String, at DateTime64(3), tags Array(String)) ENGINE = MergeTree ORDER BY id")
        at = datetime.datetime(2026, 1, 2, 3, 4, 5, tzinfo=datetime.timezone.utc)
        rows = [[n, f"name {n}", at, ["a", "b"]] for n in range(20_000)]
        try:
            summary = db.insert("shop.py", rows, column_names=["id", "name", "at", "tags"])
            expect(summary.written_rows, 20_000)
            expect(db.query("SELECT count(), uniqExact(name), any(tags) FROM shop.py").result_rows, [(20_000, 20_000, ["a", "b"])])
        finally:
            db.command("DROP TABLE shop.py SYNC")


@check("insert: Native, compressed with lz4 (its default)")
def _insert_default():
    insert_with(True)


@check("insert: Native, compressed with zstd")
def _insert_zstd():
    insert_with("zstd")


@check("insert: Native, compressed with gzip")
def _insert_gzip():
    insert_with("gzip")


@check("insert: Native, not compressed")
def _insert_plain():
    insert_with(False)


@check("raw_insert: CSV, and a stream of it")
def _raw():
    with client() as db:
        db.command("CREATE TABLE shop.raw (id UInt64, name String) ENGINE = Memory")
        try:
            db.raw_insert("shop.raw", ["id", "name"], b'1,"a, b"\n2,c\n', fmt="CSV")
            db.raw_insert("shop.raw", ["id", "name"], (f"{n},x\n".encode() for n in range(3, 1003)), fmt="CSV")
            expect(db.query("SELECT count(), max(id) FROM shop.raw").result_rows, [(1002, 1002)])
        finally:
            db.command("DROP TABLE shop.raw")


@check("query_row_block_stream: a large answer in blocks")
def _stream():
    with client() as db, db.query_row_block_stream("SELECT number, toString(number) FROM numbers(400000)") as stream:
        expect(sum(len(block) for block in stream), 400_000)


@check("raw_query: any format")
def _raw_query():
    with client() as db:
        expect(db.raw_query("SELECT 1 AS x", fmt="JSONEachRow").strip(), b'{"x":1}')


@check("command: scalar, DDL")
def _command():
    with client() as db:
        expect(db.command("SELECT 40 + 2"), 42)
        db.command("CREATE TABLE IF NOT EXISTS shop.ddl (a Int8) ENGINE = Memory")
        expect(db.command("EXISTS TABLE shop.ddl"), 1)
        db.command("DROP TABLE shop.ddl")


@check("errors: code and message, before and after the first row")
def _errors():
    with client() as db:
        try:
            db.query("SELECT nope")
            raise AssertionError("no error")
        except DatabaseError as error:
            assert "UNKNOWN_IDENTIFIER" in str(error) or "47" in str(error), error
        try:
            db.query("SELECT throwIf(number = 400000) FROM numbers(500000)")
            raise AssertionError("no error")
        except (DatabaseError, OperationalError) as error:
            assert "395" in str(error) or "throwIf" in str(error), error
        expect(db.command("SELECT 1"), 1)


@check("session: SET and temporary tables last within it, and are not seen outside")
def _session():
    with client() as db, client() as other:
        db.command("CREATE TEMPORARY TABLE mine (a Int8)")
        db.command("INSERT INTO mine VALUES (7)")
        db.command("SET max_block_size = 777")
        expect(db.query("SELECT a, getSetting('max_block_size') FROM mine").result_rows, [(7, 777)])
        expect(db.query("SELECT getSetting('max_block_size')", settings={"max_block_size": 5}).result_rows, [(5,)])
        expect(db.query("SELECT getSetting('max_block_size')").result_rows, [(777,)])
        expect(other.command("SELECT count() FROM system.tables WHERE name = 'mine'"), 0)


@check("session: a second request at the same time is refused")
def _locked():
    with client() as db:
        held = threading.Thread(target=lambda: db.query("SELECT sleep(1.5)"))
        held.start()
        deadline = time.monotonic() + 10
        with client() as watcher:
            while not watcher.command("SELECT count() FROM system.processes WHERE query LIKE '%sleep(1.5)%' AND query NOT LIKE '%system.processes%'"):
                assert time.monotonic() < deadline
        try:
            db.query("SELECT 1")
            raise AssertionError("not locked")
        except Exception as error:
            assert "concurrent" in str(error) or "SESSION_IS_LOCKED" in str(error), error
        held.join()


@check("analyst: reads published tables, is refused others")
def _analyst():
    with client(username="analyst", password=ANALYST, database="shop") as db:
        expect(db.query("SELECT count() FROM t").result_rows, [(3,)])
        assert ["t"] in [list(row) for row in db.query("SHOW TABLES").result_rows]
        for sql in ["SELECT * FROM shop_store.secret", "SELECT file('/etc/passwd')", "DROP TABLE shop.t"]:
            try:
                db.command(sql)
                raise AssertionError(f"{sql} was let through")
            except DatabaseError as error:
                assert "497" in str(error) or "ACCESS_DENIED" in str(error), error


common.set_setting("max_error_size", 1000)
for name, work in CHECKS:
    try:
        work()
        print(json.dumps({"check": name, "ok": True}), flush=True)
    except BaseException as error:
        detail = f"{type(error).__name__}: {error}"[:800]
        print(json.dumps({"check": name, "ok": False, "detail": detail}), flush=True)
