//! The user's own checks.

use migrate_tests::server;

use super::Project;

/// Rules, what a migration verifies and expects, on every database.
#[test]
fn rules_and_expectations() {
    for server in server::all() {
        let database = server.database("validate");
        let project = Project::new(&database);
        project.write(
            "migrations/1_make/up.sql",
            "CREATE TABLE a (x INT); INSERT INTO a VALUES (1), (2);",
        );
        project.write("migrations/1_make/down.sql", "DROP TABLE a;");
        // Of a migration that is not of the run: not asked.
        project.write("migrations/1_make/verify.sql", "SELECT x FROM a;");
        let (code, answer) = project.run(&["up"]);
        assert_eq!(code, Some(0), "{answer:#}");
        project.record();
        project.write(
            "migrations/2_more/up.sql",
            "-- migrate:expect rows a = +2\nINSERT INTO a VALUES (3);",
        );
        project.write("migrations/2_more/down.sql", "DELETE FROM a WHERE x = 3;");
        project.write(
            "migrations/2_more/verify.sql",
            "-- Three is there.\nSELECT 1 WHERE NOT EXISTS (SELECT 1 FROM a WHERE x = 3);\n\
             SELECT x FROM a WHERE x = 2; -- fails",
        );
        project.write("migrations/checks/bad.sql", "SELECT nothing FROM nowhere");
        project.write("migrations/checks/good.sql", "SELECT x FROM a WHERE x > 10");
        project.write("migrations/checks/none.sql", "-- nothing\n");
        project.write(
            "migrations/checks/rows.sql",
            "SELECT x, 'y' FROM a WHERE x = 1",
        );
        // It may not write, whatever it says.
        project.write("migrations/checks/write.sql", "DELETE FROM a");
        project.write("migrations/queries/new.sql", "SELECT count(*) FROM a");
        let (code, answer) = project.run(&["up"]);
        assert_eq!(code, Some(0), "{answer:#}");
        assert_eq!(
            project.found(&[]),
            [
                match server.engine() {
                    server::Engine::Postgres => "failed row_count public.a",
                    _ => "failed row_count a",
                },
                "failed verify 2_more/verify.sql, query 2",
                "failed rule checks/bad.sql",
                "failed rule checks/none.sql",
                "failed rule checks/rows.sql",
                "failed rule checks/write.sql",
                "not_checked query queries/new.sql",
            ],
            "{}",
            server.engine()
        );
        assert_eq!(database.sql("SELECT count(*) FROM a"), "3");
    }
}

/// A query that became slower, because an index is gone.
#[test]
fn a_slower_query() {
    let Some(server) = server::postgres() else {
        return;
    };
    let database = server.database("validate");
    database.sql(
        "CREATE TABLE t (a int, b text); INSERT INTO t SELECT n, repeat('x', 100)
         FROM generate_series(1, 300000) n; CREATE INDEX by_a ON t (a); ANALYZE t",
    );
    let project = Project::new(&database);
    project.write("migrations/queries/one.sql", "SELECT b FROM t WHERE a = 77");
    project.record();
    database.sql("DROP INDEX by_a");
    let (code, answer) = project.run(&["validate", "--before", "before.json"]);
    assert_eq!(code, Some(5), "{answer:#}");
    let checks = answer["checks"].as_array().unwrap();
    let check = checks.iter().find(|it| it["kind"] == "query").unwrap();
    assert_eq!(check["state"], "failed");
    let message = check["message"].as_str().unwrap();
    assert!(
        message.contains("another plan") && message.contains("Index Scan using by_a"),
        "{message}"
    );
    // No literal of the query is told.
    assert!(!message.contains("77"), "{message}");
}
