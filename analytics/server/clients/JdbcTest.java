import java.math.BigDecimal;
import java.math.BigInteger;
import java.sql.*;
import java.time.*;
import java.util.*;
import java.util.concurrent.*;

/**
 * What ClickHouse's JDBC driver does with the server. Prints one JSON line per check: {"check", "ok", "detail"}.
 * Host and port, the admin's and the analyst's password come as arguments; jdbc.int.test.ts runs it.
 */
public class JdbcTest {
  interface Work { void run() throws Exception; }

  static String url, admin, analyst;

  public static void main(String[] args) throws Exception {
    url = "jdbc:clickhouse://" + args[0];
    admin = args[1];
    analyst = args[2];

    check("connect with the default URL: answers in compressed blocks", () -> {
      try (var db = admin("")) {
        expect(db.isValid(5), true);
        expect(db.getMetaData().getDatabaseProductName(), "ClickHouse");
        expect(db.getMetaData().getDatabaseMajorVersion(), 26);
      }
    });
    for (String options : List.of("", "?compress=0", "?compress=1&decompress=1", "?client.use_http_compression=true"))
      check("SELECT of 200,000 rows" + (options.isEmpty() ? "" : " with " + options), () -> {
        try (var db = admin(options); var rows = db.createStatement().executeQuery("SELECT number, toString(number) AS s FROM numbers(200000)")) {
          long sum = 0, count = 0;
          while (rows.next()) { sum += rows.getLong(1); count += rows.getString(2).length() > 0 ? 1 : 0; }
          expect(count, 200000L);
          expect(sum, 199999L * 100000);
        }
      });
    check("rows of many types", () -> {
      try (var db = admin(""); var rows = db.createStatement().executeQuery(
          "SELECT toUInt64(18446744073709551615) AS u, toInt8(-1) AS i, 1.5 AS f, 'ä' AS s, toDate('2026-01-02') AS d, "
          + "toDateTime64('2026-01-02 03:04:05.678', 3, 'UTC') AS t, toDecimal64('12.50', 2) AS m, "
          + "toUUID('019a0000-0000-7000-8000-000000000001') AS id, [1, 2] AS a, NULL AS n, true AS b, toLowCardinality('low') AS l")) {
        expect(rows.next(), true);
        expect(rows.getObject("u", BigInteger.class), new BigInteger("18446744073709551615"));
        expect(rows.getInt("i"), -1);
        expect(rows.getDouble("f"), 1.5);
        expect(rows.getString("s"), "ä");
        expect(rows.getObject("d", LocalDate.class), LocalDate.of(2026, 1, 2));
        expect(rows.getObject("t", ZonedDateTime.class).toInstant(), Instant.parse("2026-01-02T03:04:05.678Z"));
        expect(rows.getBigDecimal("m").compareTo(new BigDecimal("12.5")), 0);
        expect(rows.getObject("id").toString(), "019a0000-0000-7000-8000-000000000001");
        expect(rows.getArray("a") != null, true);
        expect(rows.getObject("n"), null);
        expect(rows.getBoolean("b"), true);
        expect(rows.getString("l"), "low");
        expect(rows.next(), false);
      }
    });
    check("PreparedStatement: parameters", () -> {
      try (var db = admin(""); var ask = db.prepareStatement("SELECT ?, ? + 1, ? = toDate('2026-01-02')")) {
        ask.setString(1, "it's \\ \t; SELECT 2");
        ask.setInt(2, 41);
        ask.setObject(3, LocalDate.of(2026, 1, 2));
        try (var rows = ask.executeQuery()) {
          rows.next();
          expect(rows.getString(1), "it's \\ \t; SELECT 2");
          expect(rows.getInt(2), 42);
          expect(rows.getBoolean(3), true);
        }
      }
    });
    check("batch of 2,000 inserts, and how many rows an update wrote", () -> {
      try (var db = admin(""); var run = db.createStatement()) {
        run.execute("CREATE TABLE shop.j (id UInt64, name String) ENGINE = MergeTree ORDER BY id");
        try (var insert = db.prepareStatement("INSERT INTO shop.j (id, name) VALUES (?, ?)")) {
          for (int n = 0; n < 2000; n++) { insert.setLong(1, n); insert.setString(2, "it's; " + n); insert.addBatch(); }
          expect(insert.executeBatch().length, 2000);
          expect(run.executeUpdate("INSERT INTO shop.j VALUES (5000, 'x'), (5001, 'y')"), 2);
          try (var rows = run.executeQuery("SELECT count(), uniqExact(name) FROM shop.j")) {
            rows.next();
            expect(rows.getInt(1), 2002);
            expect(rows.getInt(2), 2002);
          }
        } finally { run.execute("DROP TABLE shop.j SYNC"); }
      }
    });
    check("errors: code, before and after the first row; the connection goes on", () -> {
      try (var db = admin(""); var run = db.createStatement()) {
        expect(codeOf(() -> run.executeQuery("SELECT nope")), 47);
        expect(codeOf(() -> {
          try (var rows = run.executeQuery("SELECT throwIf(number = 400000) FROM numbers(500000)")) { while (rows.next()); }
        }) != 0, true);
        try (var rows = run.executeQuery("SELECT 1")) { rows.next(); expect(rows.getInt(1), 1); }
      }
    });
    check("setQueryTimeout: stops with TIMEOUT_EXCEEDED", () -> {
      try (var db = admin(""); var run = db.createStatement()) {
        run.setQueryTimeout(1);
        long start = System.nanoTime();
        int code = codeOf(() -> run.executeQuery("SELECT max(cityHash64(repeat(toString(number), 200))) FROM numbers(1000000000)"));
        expect(code != 0, true);
        expect((System.nanoTime() - start) / 1e9 < 15, true);
      }
    });
    check("setMaxRows", () -> {
      try (var db = admin(""); var run = db.createStatement()) {
        run.setMaxRows(10);
        int count = 0;
        try (var rows = run.executeQuery("SELECT number FROM numbers(100000)")) { while (rows.next()) count++; }
        expect(count, 10);
      }
    });
    check("Statement.cancel: the statement stops in the server", () -> {
      try (var db = admin(""); var other = admin(""); var run = db.createStatement()) {
        var mark = "cancelled_by_jdbc";
        var asking = Executors.newSingleThreadExecutor();
        var answer = asking.submit(() -> run.executeQuery("SELECT max(cityHash64(repeat(toString(number), 200))) AS " + mark + " FROM numbers(1000000000)"));
        awaitRunning(other, mark, 1);
        run.cancel();
        awaitRunning(other, mark, 0);
        try { answer.get(20, TimeUnit.SECONDS); throw new AssertionError("it answered"); } catch (ExecutionException expected) { }
        asking.shutdownNow();
      }
    });
    check("DatabaseMetaData: schemas, tables, columns", () -> {
      try (var db = admin("")) {
        expect(names(db.getMetaData().getSchemas(), "TABLE_SCHEM").contains("shop"), true);
        expect(names(db.getMetaData().getTables(null, "shop", "%", null), "TABLE_NAME").contains("t"), true);
        expect(names(db.getMetaData().getColumns(null, "shop", "t", "%"), "COLUMN_NAME"), List.of("id", "name"));
      }
    });
    check("analyst: reads published tables, lists nothing else, is refused the rest", () -> {
      var login = new Properties();
      login.put("user", "analyst");
      login.put("password", analyst);
      try (var db = DriverManager.getConnection(url + "/shop", login); var run = db.createStatement()) {
        try (var rows = run.executeQuery("SELECT count() FROM t")) { rows.next(); expect(rows.getInt(1), 3); }
        expect(names(db.getMetaData().getTables(null, "shop%", "%", null), "TABLE_NAME"), List.of("t"));
        expect(names(db.getMetaData().getSchemas(), "TABLE_SCHEM").contains("shop_store"), false);
        expect(codeOf(() -> run.executeQuery("SELECT * FROM shop_store.secret")), 497);
        expect(codeOf(() -> run.executeQuery("SELECT file('/etc/passwd')")), 497);
        expect(codeOf(() -> run.execute("DROP TABLE shop.t")), 497);
      }
    });
    System.exit(0);
  }

  static Connection admin(String options) throws SQLException {
    var login = new Properties();
    login.put("user", "writer");
    login.put("password", admin);
    return DriverManager.getConnection(url + "/default" + options, login);
  }

  static void awaitRunning(Connection db, String mark, int wanted) throws Exception {
    long until = System.nanoTime() + 15_000_000_000L;
    for (;;) {
      try (var run = db.createStatement(); var rows = run.executeQuery(
          "SELECT countIf(query LIKE '%" + mark + "%' AND query NOT LIKE '%system.processes%') FROM system.processes")) {
        rows.next();
        if (rows.getInt(1) == wanted) return;
      }
      if (System.nanoTime() > until) throw new AssertionError("never " + wanted + " running");
      Thread.sleep(20);
    }
  }

  static List<String> names(ResultSet rows, String column) throws SQLException {
    var names = new ArrayList<String>();
    try (rows) { while (rows.next()) names.add(rows.getString(column)); }
    return names;
  }

  static int codeOf(Work work) throws Exception {
    try { work.run(); return 0; } catch (SQLException error) { return error.getErrorCode() == 0 ? -1 : error.getErrorCode(); }
  }

  static void expect(Object value, Object wanted) {
    if (!Objects.equals(value, wanted)) throw new AssertionError(value + " is not " + wanted);
  }

  static void check(String name, Work work) {
    try {
      work.run();
      System.out.println("{\"check\":" + quoted(name) + ",\"ok\":true}");
    } catch (Throwable error) {
      System.out.println("{\"check\":" + quoted(name) + ",\"ok\":false,\"detail\":" + quoted(String.valueOf(error)) + "}");
    }
  }

  static String quoted(String text) {
    var out = new StringBuilder("\"");
    for (char c : text.substring(0, Math.min(800, text.length())).toCharArray())
      out.append(c == '"' || c == '\\' ? "\\" + c : c < 32 ? " " : String.valueOf(c));
    return out.append('"').toString();
  }
}
