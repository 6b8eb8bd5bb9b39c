//! What statements do.

use super::*;
use crate::change::{
    ColumnChange, CreateTable, DmlVerb, InsertSource, ObjectKind, PartKind, TableAction,
};
use crate::scope::SourceKind;

fn changes(text: &str) -> Vec<Change> {
    match parse(text, 0) {
        Parsed::Changes(changes) => changes,
        Parsed::Broken(errors) => panic!("{text}: {errors:?}"),
    }
}

fn one(text: &str) -> Change {
    let mut changes = changes(text);
    assert_eq!(changes.len(), 1, "{changes:?}");
    changes.remove(0)
}

fn table(text: &str) -> CreateTable {
    match one(text) {
        Change::CreateTable(table) => *table,
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_table() {
    let table = table(
        "CREATE TABLE IF NOT EXISTS Shop.\"Items\" (
            id bigserial PRIMARY KEY,
            name varchar(20) NOT NULL DEFAULT 'x',
            owner int REFERENCES people (id) ON DELETE CASCADE,
            nothing text DEFAULT NULL,
            flag boolean DEFAULT 't',
            CONSTRAINT named CHECK (id > 0 AND name <> ''),
            UNIQUE (name, owner)
        )",
    );
    assert_eq!(table.name.to_string(), "shop.Items");
    assert!(table.if_not_exists);
    let columns: Vec<String> = table
        .columns
        .iter()
        .map(|column| {
            format!(
                "{} {}{}",
                column.name,
                column.column_type.clone().unwrap(),
                column
                    .default
                    .as_ref()
                    .map_or(String::new(), |it| format!("={}", it.canonical))
            )
        })
        .collect();
    assert_eq!(
        columns,
        [
            "id bigint",
            "name character varying(20)='x'",
            "owner integer",
            "nothing text",
            "flag boolean=true"
        ]
    );
    assert!(table.columns[0].auto_increment);
    assert_eq!(table.columns[1].nullable, Some(false));
    assert_eq!(table.columns[2].constraints.len(), 1);
    assert_eq!(table.constraints.len(), 2);
    let check = &table.constraints[0];
    assert_eq!(check.name.as_ref().unwrap().name, "named");
}

#[test]
fn places_count_from_the_start_of_the_script() {
    let Parsed::Changes(changes) = parse("DROP TABLE a", 100) else {
        panic!()
    };
    let Change::Drop(drop) = &changes[0] else {
        panic!()
    };
    assert_eq!(drop.names[0].span(), Span::new(111, 112));
}

#[test]
fn several_actions_are_one_statement() {
    let Change::AlterTable(alter) = one(
        "ALTER TABLE t ADD COLUMN a int, ALTER b TYPE text USING b::text, DROP CONSTRAINT c CASCADE",
    ) else {
        panic!()
    };
    assert_eq!(alter.actions.len(), 3);
    assert!(matches!(
        &alter.actions[1],
        TableAction::AlterColumn { change, .. } if matches!(&**change, ColumnChange::Type { using: Some(_), .. })
    ));
    assert!(matches!(
        alter.actions[2],
        TableAction::DropConstraint { cascade: true, .. }
    ));
}

#[test]
fn a_rename_stands_for_itself() {
    let Change::Rename { kind, from, to, .. } = one("ALTER TABLE a RENAME TO b") else {
        panic!()
    };
    assert_eq!(
        (kind, from.to_string(), to.to_string()),
        (ObjectKind::Table, "a".into(), "b".into())
    );
}

#[test]
fn an_index() {
    let Change::CreateIndex(index) = one(
        "CREATE UNIQUE INDEX CONCURRENTLY i ON t (a DESC, lower(b) COLLATE \"C\" text_pattern_ops) INCLUDE (c) WHERE d IS NULL",
    ) else {
        panic!()
    };
    assert!(index.unique && index.concurrently);
    assert_eq!(index.parts.len(), 2);
    assert!(index.parts[0].descending && index.parts[0].nulls_first.is_none());
    assert!(matches!(&index.parts[1].kind, PartKind::Expression(it) if it.canonical == "lower(b)"));
    assert_eq!(index.parts[1].collation.as_deref(), Some("C"));
    assert_eq!(
        index.parts[1].operator_class.as_deref(),
        Some("text_pattern_ops")
    );
    assert_eq!(index.include.len(), 1);
    assert_eq!(index.predicate.unwrap().canonical, "(d is null)");
}

/// Sources, then columns, of every scope from the outside in.
fn scopes(text: &str) -> Vec<String> {
    let Change::Dml(dml) = one(text) else {
        panic!()
    };
    let mut all: Vec<String> = Vec::new();
    let mut add = |scope: &crate::scope::Scope| {
        for scope in scope.walk() {
            let sources: Vec<String> = scope
                .sources
                .iter()
                .map(|source| {
                    let alias = source
                        .alias
                        .as_ref()
                        .map_or(String::new(), |it| format!(" {it}"));
                    match &source.kind {
                        SourceKind::Relation(name) => format!("{name}{alias}"),
                        SourceKind::Derived {
                            columns: Some(columns),
                        } => {
                            format!("({}){alias}", columns.join(" "))
                        }
                        SourceKind::Derived { columns: None } => format!("(*){alias}"),
                        SourceKind::Unknown => format!("?{alias}"),
                    }
                })
                .collect();
            let columns: Vec<String> = scope
                .columns
                .iter()
                .map(|column| match &column.qualifier {
                    Some(qualifier) => format!("{qualifier}.{}", column.column),
                    None => column.column.to_string(),
                })
                .collect();
            all.push(format!("{} | {}", sources.join(", "), columns.join(" ")));
        }
    };
    add(&dml.scope);
    for inner in &dml.inner {
        add(&inner.scope);
    }
    all
}

#[test]
fn what_queries_read() {
    for (text, expected) in [
        (
            "SELECT a, t.b, t.*, ctid FROM t WHERE c = 1",
            vec!["t | a t.b c"],
        ),
        (
            "SELECT x FROM a JOIN s.b AS bb USING (id) LEFT JOIN c ON c.k = bb.k",
            vec!["a, s.b bb, c | a.id bb.id id c.k bb.k x"],
        ),
        (
            "WITH w (n) AS (SELECT id FROM t) SELECT n FROM w",
            vec!["(n) w | n", "t | id"],
        ),
        (
            "SELECT q.n FROM (SELECT id AS n FROM t) q, LATERAL (SELECT * FROM u WHERE u.i = q.n) l",
            vec!["(n) q, (*) l | q.n", "t | id", "u | u.i q.n"],
        ),
        ("SELECT row_to_json(t) FROM t", vec!["t | "]),
        ("SELECT g FROM generate_series(1, n) AS g", vec!["? g | n"]),
        ("SELECT relname FROM pg_class", vec!["? pg_class | relname"]),
        (
            "SELECT a FROM t UNION ALL SELECT b FROM u ORDER BY a",
            vec![" | a", "t | a", "u | b"],
        ),
        (
            "SELECT 1 FROM t WHERE EXISTS (SELECT 1 FROM u WHERE u.x = t.y)",
            vec!["t | ", "u | u.x t.y"],
        ),
        (
            "WITH w AS (SELECT id FROM t) SELECT id FROM w UNION ALL SELECT id FROM w UNION (SELECT id FROM w)",
            vec![
                " | ",
                "t | id",
                " | ",
                "(id) w | id",
                "(id) w | id",
                "(id) w | id",
            ],
        ),
        (
            "WITH RECURSIVE r AS (SELECT id, parent FROM t UNION ALL SELECT t.id, t.parent FROM t JOIN r ON r.parent = t.id) SELECT id FROM r",
            vec![
                "(id parent) r | id",
                " | ",
                "t | id parent",
                "t, (*) r | r.parent t.id t.id t.parent",
            ],
        ),
    ] {
        assert_eq!(scopes(text), expected, "{text}");
    }
}

#[test]
fn what_statements_write() {
    let Change::Dml(insert) = one(
        "INSERT INTO t AS x (a, b) VALUES (1, 2), (3, 4) ON CONFLICT (a) DO UPDATE SET b = excluded.b WHERE x.c RETURNING id",
    ) else {
        panic!()
    };
    assert_eq!(insert.verb, DmlVerb::Insert);
    assert!(matches!(
        insert.source,
        Some(InsertSource::Values { count: Some(2), .. })
    ));
    assert_eq!(insert.conflict_columns.len(), 1);
    assert_eq!(
        scopes(
            "INSERT INTO t (a) SELECT b FROM u ON CONFLICT (a) DO UPDATE SET a = excluded.a RETURNING id"
        ),
        [" | ", "u | b", "t, t excluded | a excluded.a a", "t | id"]
    );
    assert_eq!(
        scopes("UPDATE t SET a = u.b FROM u WHERE u.id = t.id"),
        ["t, u | u.b u.id t.id"]
    );
    assert_eq!(
        scopes("DELETE FROM t USING u WHERE u.id = t.id RETURNING *"),
        ["t, u | u.id t.id"]
    );
    assert_eq!(
        scopes(
            "MERGE INTO t USING u ON t.id = u.id WHEN MATCHED THEN UPDATE SET a = u.a WHEN NOT MATCHED THEN INSERT (b) VALUES (u.b)"
        ),
        ["t, u | t.id u.id u.a u.b"]
    );
    assert_eq!(
        scopes("WITH gone AS (DELETE FROM t RETURNING id, a) INSERT INTO old SELECT * FROM gone"),
        [" | ", "(id a) gone | ", "t | id a"]
    );
}

#[test]
fn deep_statements_are_not_followed() {
    let text = format!("SELECT {}1{}", "(".repeat(3_000), ")".repeat(3_000));
    assert!(matches!(one(&text), Change::Opaque(it) if it.touches == Touches::Everything));
    let text = format!("SELECT {}1{}", "(".repeat(300), ")".repeat(300));
    assert!(matches!(one(&text), Change::Dml(_)));
}

/// Pieces of statements, so that what is made of them gets far into the parser.
const PIECES: &[&str] = &[
    "CREATE TABLE",
    "ALTER TABLE",
    "SELECT",
    "INSERT INTO",
    "UPDATE",
    "CREATE FUNCTION f() RETURNS int",
    "LANGUAGE sql AS",
    "DO",
    "t",
    "a",
    "\"b\"",
    "U&\"\\0061\" UESCAPE",
    "(",
    ")",
    "[",
    "]",
    ",",
    ";",
    ".",
    "::",
    "int",
    "'x'",
    "E'\\",
    "$$",
    "$1",
    "1",
    "1.",
    "0x",
    "+",
    "||",
    "<>",
    "=",
    "*",
    "EXCLUDE (",
    "WITH",
    "AS",
    "CASE",
    "WHEN",
    "END",
    "BETWEEN",
    "AND",
    "NOT",
    "IN",
    "IS",
    "LIKE",
    "ESCAPE",
    "COLLATE",
    "JOIN",
    "USING",
    "ON",
    "FROM",
    "WHERE",
    "VALUES",
    "DEFAULT",
    "CHECK",
    "interval '1' day",
    "BEGIN ATOMIC",
    "--",
    "/*",
    "\n",
    "\u{0}",
    "é",
    "😀",
    "PARTITION OF",
    "FOR VALUES",
    "REFERENCES",
    "SET",
    "TYPE",
    "ADD COLUMN",
    "DROP",
];

proptest::proptest! {
    #![proptest_config(proptest::prelude::ProptestConfig::with_cases(400))]

    #[test]
    fn no_text_makes_it_panic(text in "\\PC{0,80}") {
        parse(&text, 7);
        expression(&text);
        column_type(&text);
    }

    #[test]
    fn no_pieces_make_it_panic(
        pieces in proptest::collection::vec(proptest::sample::select(PIECES), 0..24),
        glued: bool,
    ) {
        let text = pieces.join(if glued { "" } else { " " });
        if let Parsed::Broken(errors) = parse(&text, 0) {
            // Whoever shows the error cuts the text there.
            for error in errors {
                proptest::prop_assert!(
                    text.get(error.span.start..error.span.end).is_some(),
                    "{text:?}: {error:?}"
                );
            }
        }
        expression(&text);
        column_type(&text);
    }
}
