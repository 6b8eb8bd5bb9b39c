//! Rows that only the new schema allows, and the way down with them.

use migrate_tests::server::{self as real, Engine, Server};
use serde_json::Value;

use crate::project::Project;

/// A migration, and what of its new schema stands in the way down.
struct Case {
    what: &'static str,
    /// What is there before.
    given: String,
    up: String,
    down: String,
    /// `kind table.columns`, made.
    expected: &'static [&'static str],
    /// Whether the way down fails with it.
    fails: bool,
}

/// Rehearses on a backup of a database with two rows, and on an empty copy where that is asked for; what
/// is found is the same.
fn rehearse(server: &Server, case: &Case, on_empty: bool) {
    for with_rows in [false, true] {
        if !with_rows && !on_empty {
            continue;
        }
        let project = Project::new(server.engine());
        let database = server.database("live");
        project.migration("1_given", &case.given, "SELECT 1;");
        project.up(&database);
        let line: &[&str] = match with_rows {
            false => &["--empty"],
            true => {
                database.sql("INSERT INTO parents (id) VALUES (1), (2)");
                database.sql(
                    "INSERT INTO rows_ (id, parent, note, total, code) \
                     VALUES (1, 1, 'a secret', 5, 'x'), (2, 2, 'another', 6, 'y')",
                );
                project.back_up(&database);
                &[]
            }
        };
        project.migration("2_change", &case.up, &case.down);
        let (code, evidence) = project.rehearse(line, &database);
        let told = format!(
            "{}: {}, {with_rows}: {evidence:#}",
            server.engine(),
            case.what
        );
        assert_eq!(code, 0, "{told}");
        let state = &evidence["new_rows"]["state"];
        match (case.expected.is_empty(), case.fails) {
            (true, _) => assert_eq!(state, "nothing", "{told}"),
            (false, true) => assert_eq!(state, "down_fails", "{told}"),
            (false, false) => assert_eq!(state, "reverted", "{told}"),
        }
        let mut found = rows(&evidence);
        found.sort();
        let mut expected = case.expected.to_vec();
        expected.sort_unstable();
        assert_eq!(found, expected, "{told}");
        if case.fails {
            assert_eq!(evidence["verdict"], "partly", "{told}");
            let reasons = evidence["reasons"].to_string();
            assert!(
                reasons.contains("fails once rows of the new schema exist"),
                "{told}"
            );
            assert!(reasons.contains("2_change/down.sql, line 1"), "{told}");
        } else if with_rows {
            assert_eq!(evidence["verdict"], "passed", "{told}");
        }
        assert!(!evidence.to_string().contains("a secret"), "{told}");
        assert_eq!(
            database.sql("SELECT count(*) FROM rows_"),
            if with_rows { "2" } else { "0" },
            "the database itself: {told}"
        );
    }
}

/// The rows that were made, as `kind table.columns`.
fn rows(evidence: &Value) -> Vec<String> {
    let rows = evidence["new_rows"]["rows"].as_array();
    let text = |it: &Value| it.as_str().unwrap_or_default().to_owned();
    rows.into_iter()
        .flatten()
        .map(|row| {
            let columns = row["columns"].as_array().unwrap().iter().map(text);
            let table = text(&row["table"]);
            let table = table.strip_prefix("public.").unwrap_or(&table).to_owned();
            let made = match &row["not_made"] {
                Value::Null => String::new(),
                why => format!(", not made: {why}"),
            };
            format!(
                "{} {table}.{}{made}",
                text(&row["kind"]),
                columns.collect::<Vec<_>>().join("+")
            )
        })
        .collect()
}

/// Two tables; `rows_` has rules in its definition.
fn given(rules: &str) -> String {
    format!(
        "CREATE TABLE parents (id int PRIMARY KEY);\n\
         CREATE TABLE rows_ (id int PRIMARY KEY, parent int NOT NULL, note varchar(20) NOT NULL, \
         total smallint NOT NULL, code varchar(5) NOT NULL{rules});"
    )
}

const PARENT: &str = ", CONSTRAINT by_parent FOREIGN KEY (parent) REFERENCES parents (id)";

#[test]
fn on_postgres() {
    let Some(server) = real::postgres() else {
        return;
    };
    let case = |what, rules: &str, up: &str, down: &str, expected, fails| Case {
        what,
        given: given(rules),
        up: up.to_owned(),
        down: down.to_owned(),
        expected,
        fails,
    };
    for (at, case) in [
        case(
            "nullable",
            PARENT,
            "ALTER TABLE rows_ ALTER COLUMN note DROP NOT NULL;",
            "ALTER TABLE rows_ ALTER COLUMN note SET NOT NULL;",
            &["null rows_.note"],
            true,
        ),
        case(
            "nullable, and the way down knows",
            PARENT,
            "ALTER TABLE rows_ ALTER COLUMN note DROP NOT NULL;",
            "UPDATE rows_ SET note = '' WHERE note IS NULL;\n\
             ALTER TABLE rows_ ALTER COLUMN note SET NOT NULL;",
            &["null rows_.note"],
            false,
        ),
        case(
            "a longer text",
            "",
            "ALTER TABLE rows_ ALTER COLUMN note TYPE varchar(40);",
            "ALTER TABLE rows_ ALTER COLUMN note TYPE varchar(20);",
            &["longer_text rows_.note"],
            true,
        ),
        case(
            "a longer text that is cut",
            "",
            "ALTER TABLE rows_ ALTER COLUMN note TYPE text;",
            "ALTER TABLE rows_ ALTER COLUMN note TYPE varchar(20) USING left(note, 20);",
            &["longer_text rows_.note"],
            false,
        ),
        case(
            "a larger number",
            PARENT,
            "ALTER TABLE rows_ ALTER COLUMN total TYPE bigint;",
            "ALTER TABLE rows_ ALTER COLUMN total TYPE smallint;",
            &["larger_number rows_.total"],
            true,
        ),
        case(
            "a key twice",
            ", CONSTRAINT codes UNIQUE (code)",
            "ALTER TABLE rows_ DROP CONSTRAINT codes;",
            "ALTER TABLE rows_ ADD CONSTRAINT codes UNIQUE (code);",
            &["duplicate rows_.code"],
            true,
        ),
        case(
            "a row without its parent",
            PARENT,
            "ALTER TABLE rows_ DROP CONSTRAINT by_parent;",
            "ALTER TABLE rows_ ADD CONSTRAINT by_parent FOREIGN KEY (parent) REFERENCES parents (id);",
            &["orphan rows_.parent"],
            true,
        ),
        case(
            "stricter than before",
            PARENT,
            "ALTER TABLE rows_ ADD COLUMN extra int;\nALTER TABLE rows_ ADD CONSTRAINT codes UNIQUE (code);",
            "ALTER TABLE rows_ DROP CONSTRAINT codes;\nALTER TABLE rows_ DROP COLUMN extra;",
            &[],
            false,
        ),
    ]
    .iter()
    .enumerate()
    {
        rehearse(&server, case, at == 0);
    }
}

#[test]
fn a_new_enum_value_on_postgres() {
    let Some(server) = real::postgres() else {
        return;
    };
    let case = Case {
        what: "a new enum value",
        given: format!(
            "CREATE TYPE mood AS ENUM ('sad', 'ok');\n{}\n\
             ALTER TABLE rows_ ADD COLUMN mood mood NOT NULL DEFAULT 'ok';",
            given("")
        ),
        up: "ALTER TYPE mood ADD VALUE 'happy';".to_owned(),
        down: "ALTER TYPE mood RENAME TO mood_old; CREATE TYPE mood AS ENUM ('sad', 'ok'); \
               ALTER TABLE rows_ ALTER COLUMN mood DROP DEFAULT, \
               ALTER COLUMN mood TYPE mood USING mood::text::mood, \
               ALTER COLUMN mood SET DEFAULT 'ok'; DROP TYPE mood_old;"
            .to_owned(),
        expected: &["enum_value rows_.mood"],
        fails: true,
    };
    rehearse(&server, &case, false);
}

#[test]
fn on_mariadb() {
    let Some(server) = real::mariadb() else {
        return;
    };
    let case = |what, rules: &str, up: &str, down: &str, expected| Case {
        what,
        given: given(rules),
        up: up.to_owned(),
        down: down.to_owned(),
        expected,
        fails: true,
    };
    for (at, case) in [
        case(
            "nullable and longer",
            PARENT,
            "ALTER TABLE rows_ MODIFY note varchar(40);",
            "ALTER TABLE rows_ MODIFY note varchar(20) NOT NULL;",
            &["null rows_.note", "longer_text rows_.note"],
        ),
        case(
            "a larger number",
            "",
            "ALTER TABLE rows_ MODIFY total int unsigned NOT NULL;",
            "ALTER TABLE rows_ MODIFY total smallint NOT NULL;",
            &["larger_number rows_.total"],
        ),
        case(
            "a key twice",
            ", UNIQUE KEY codes (code)",
            "ALTER TABLE rows_ DROP KEY codes;",
            "ALTER TABLE rows_ ADD UNIQUE KEY codes (code);",
            &["duplicate rows_.code"],
        ),
        case(
            "a row without its parent",
            PARENT,
            "ALTER TABLE rows_ DROP FOREIGN KEY by_parent;",
            "ALTER TABLE rows_ ADD CONSTRAINT by_parent FOREIGN KEY (parent) REFERENCES parents (id);",
            &["orphan rows_.parent"],
        ),
        case(
            "a new enum value",
            ", mood enum('sad','ok') NOT NULL DEFAULT 'ok'",
            "ALTER TABLE rows_ MODIFY mood enum('sad','ok','happy') NOT NULL DEFAULT 'ok';",
            "ALTER TABLE rows_ MODIFY mood enum('sad','ok') NOT NULL DEFAULT 'ok';",
            &["enum_value rows_.mood"],
        ),
    ]
    .iter()
    .enumerate()
    {
        rehearse(&server, case, at == 0);
    }
}

#[test]
fn on_sqlite() {
    let Some(server) = real::sqlite() else {
        return;
    };
    let rebuild = |definition: &str| {
        format!(
            "CREATE TABLE new_rows ({definition});\nINSERT INTO new_rows SELECT * FROM rows_;\n\
             DROP TABLE rows_;\nALTER TABLE new_rows RENAME TO rows_;"
        )
    };
    let strict = "id int PRIMARY KEY, parent int NOT NULL, note varchar(20) NOT NULL, \
                  total smallint NOT NULL, code varchar(5) NOT NULL";
    let loose = strict.replace("note varchar(20) NOT NULL", "note varchar(20)");
    let mut down = rebuild(strict);
    // The statement that copies is what fails; the test asks for the script's first line.
    down = down.replace(";\nINSERT", "; INSERT");
    let nullable = Case {
        what: "nullable",
        given: given(""),
        up: rebuild(&loose),
        down,
        expected: &["null rows_.note"],
        fails: true,
    };
    rehearse(&server, &nullable, true);
    let unique = Case {
        what: "a key twice",
        given: format!("{}\nCREATE UNIQUE INDEX codes ON rows_ (code);", given("")),
        up: "DROP INDEX codes;".to_owned(),
        down: "CREATE UNIQUE INDEX codes ON rows_ (code);".to_owned(),
        expected: &["duplicate rows_.code"],
        fails: true,
    };
    rehearse(&server, &unique, true);
}

/// What nobody can make is said to be untried, and keeps the rehearsal from passing.
#[test]
fn what_was_not_tried_is_not_green() {
    let Some(server) = real::postgres() else {
        return;
    };
    let project = Project::new(Engine::Postgres);
    let database = server.database("live");
    project.migration(
        "1_given",
        "CREATE TABLE a (id int PRIMARY KEY, x int CONSTRAINT small CHECK (x < 10));",
        "DROP TABLE a;",
    );
    project.up(&database);
    database.sql("INSERT INTO a VALUES (1, 1)");
    project.back_up(&database);
    project.migration(
        "2_loose",
        "ALTER TABLE a DROP CONSTRAINT small;",
        "ALTER TABLE a ADD CONSTRAINT small CHECK (x < 10);",
    );
    let (code, evidence) = project.rehearse(&[], &database);
    assert_eq!(code, 0, "{evidence:#}");
    assert_eq!(evidence["verdict"], "partly", "{evidence:#}");
    assert_eq!(evidence["new_rows"]["state"], "not_tried", "{evidence:#}");
    assert_eq!(evidence["new_rows"]["rows"][0]["kind"], "check");
}
