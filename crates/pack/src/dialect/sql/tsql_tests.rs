//! Which T-SQL is let through, and how its parameters are written.

use super::{Expanded, Flavor, Sql, SqlFile};
use crate::dialect::StatementError;

fn read(text: &str) -> Result<Sql, StatementError> {
    Sql::read(&Expanded::of(Flavor::SqlServer, SqlFile { name: "x.sql", text, start: 0 })).map(|(sql, _)| sql)
}

#[test]
fn parameters_become_numbers_outside_of_quotes() {
    let sql =
        read("-- it's :no\nSELECT :b, N'it''s :no', [x:no]]'], \"y :no\", :a, :b /* :no /* '*/ */ FROM t;\n-- end\n")
            .unwrap();
    let expected = "-- it's :no\nSELECT @P1, N'it''s :no', [x:no]]'], \"y :no\", @P2, @P1 /* :no /* '*/ */ FROM t";
    assert_eq!(sql.text, expected);
    assert_eq!(sql.params.iter().map(|param| param.name.as_str()).collect::<Vec<_>>(), ["b", "a"]);
}

#[test]
fn queries_of_every_form_are_let_through() {
    for text in [
        "SELECT TOP (CAST(:n AS int)) a FROM dbo.t WITH (NOLOCK) ORDER BY a DESC OPTION (RECOMPILE)",
        "WITH a AS (SELECT 1 AS x), b (y) AS (SELECT x FROM a UNION ALL SELECT 2) SELECT * FROM b",
        "SELECT 1 UNION ALL SELECT 2 EXCEPT SELECT 3",
        "SELECT (SELECT TOP 1 a FROM t), x.n FROM t CROSS APPLY (SELECT COUNT(*) AS n FROM u) AS x",
        "SELECT t.[set], [update], t.[into] FROM [exec] AS t",
        "SELECT a FROM t ORDER BY a OFFSET 5 ROWS FETCH NEXT 10 ROWS ONLY",
        "SELECT CASE WHEN 1 = 1 THEN 'insert' ELSE \"drop\" END, @@SERVERNAME, geography::Point(1, 2, 4326).Lat",
        "SELECT value FROM OPENJSON(:keys) AS given",
        "SELECT 1.5e-3, 0xFF, $5, .5, 1.",
    ] {
        assert_eq!(read(text).err(), None, "{text}");
    }
}

#[test]
fn what_writes_runs_or_begins_another_statement_is_refused() {
    for text in [
        "UPDATE t SET a = 1",
        "SELECT 1 DELETE t",
        "SELECT 1; DELETE t",
        "SELECT 1 EXEC sp_x",
        "SELECT a INTO b FROM t",
        "SELECT 1 select 2",
        "SELECT * FROM (SELECT 1 AS a SELECT 2) AS x",
        "WITH a AS (SELECT 1 AS x) UPDATE a SET x = 2",
        "WITH a AS (SELECT 1 AS x) SELECT 1 SELECT 2",
        "SELECT * FROM OPENROWSET('x', 'y', 'z')",
        "SELECT * FROM OPENQUERY(srv, 'DELETE t')",
        "SELECT NEXT VALUE FOR dbo.s",
        "SELECT @x",
        "SELECT * FROM #t",
        "SELECT a FROM t WITH (UPDLOCK, HOLDLOCK)",
        "SELECT 1 WAITFOR DELAY '1:00'",
        "SELECT 1 RECEIVE * FROM q",
        "SELECT 1.exec sp_x",
        "SELECT 1exec sp_x",
        "SELECT 0xffinsert t VALUES (1)",
        "SELECT 1e5exec sp_x",
        "SELECT 1\u{a0}exec sp_x",
        "SELECT 1 -- x\rexec sp_x",
        "SELECT 1 -- x\u{2028}exec sp_x",
        "SELECT 1 /* /* */ exec sp_x",
        "SELECT 'a",
        "SELECT [a",
        "(SELECT 1)",
        "VALUES (1)",
        "",
        ":a SELECT 1",
        "{{x}}",
    ] {
        assert!(read(text).is_err(), "{text:?}");
    }
}

#[test]
fn a_refusal_says_where_and_what_to_write() {
    let error = read("SELECT a,\n  set FROM t").unwrap_err();
    assert_eq!((error.offset, error.what.as_str()), (12, "\"set\" in a query"));
    assert!(error.remedy.contains("[set]"));
}
