use super::*;
use crate::change::{ConstraintKind, TableAction};

fn changes(text: &str) -> Vec<Change> {
    match parse(text, 0) {
        Parsed::Changes(changes) => changes,
        Parsed::Broken(errors) => panic!("{text}: {errors:?}"),
    }
}

#[track_caller]
fn broken(text: &str) -> (String, String) {
    match parse(text, 0) {
        Parsed::Broken(errors) => {
            let error = &errors[0];
            let place = &text[error.span.start..error.span.end];
            (error.message.clone(), place.to_owned())
        }
        Parsed::Changes(changes) => panic!("{text}: {changes:?}"),
    }
}

#[test]
fn a_table() {
    let text = "CREATE TABLE IF NOT EXISTS `shop`.books (
        id INT UNSIGNED NOT NULL AUTO_INCREMENT,
        title VARCHAR(64) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin DEFAULT 'it''s',
        kind ENUM('a', \"b\") NOT NULL,
        made TIMESTAMP NULL DEFAULT CURRENT_TIMESTAMP ON UPDATE NOW(),
        PRIMARY KEY (id), KEY by_title (title(10) DESC),
        CONSTRAINT fk FOREIGN KEY (kind) REFERENCES kinds (name) ON DELETE SET NULL
    ) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4";
    let [Change::CreateTable(table)] = &changes(text)[..] else {
        panic!()
    };
    assert_eq!(table.name.to_string(), "shop.books");
    let types: Vec<String> = table
        .columns
        .iter()
        .filter_map(|column| column.column_type.as_ref())
        .map(ToString::to_string)
        .collect();
    assert_eq!(
        types,
        ["int unsigned", "varchar(64)", "enum('a','b')", "timestamp"]
    );
    let [id, title, _, made] = &table.columns[..] else {
        panic!()
    };
    assert!(id.auto_increment && id.nullable == Some(false));
    assert_eq!(title.default.as_ref().unwrap().canonical, "'it''s'");
    assert_eq!(title.collation.as_deref(), Some("utf8mb4_bin"));
    assert_eq!(made.on_update.as_deref(), Some("current_timestamp()"));
    assert_eq!(table.indexes[0].parts[0].prefix, Some(10));
    assert!(table.indexes[0].parts[0].descending);
    assert!(matches!(
        table.constraints[1].kind,
        ConstraintKind::ForeignKey { .. }
    ));
    assert_eq!(table.options.len(), 2);
    let span = table.columns[1].span;
    assert!(text[span.start..span.end].starts_with("title VARCHAR"));
    assert!(text[span.start..span.end].ends_with("'it''s'"));
}

#[test]
fn an_alteration() {
    let text = "ALTER TABLE t ADD COLUMN a INT AFTER b, MODIFY c TEXT, CHANGE d e DATE FIRST, \
                DROP PRIMARY KEY, ADD UNIQUE KEY u (a), RENAME TO s, ALGORITHM=INPLACE, LOCK NONE";
    let [Change::AlterTable(alter)] = &changes(text)[..] else {
        panic!()
    };
    assert_eq!(alter.actions.len(), 6);
    assert_eq!(alter.algorithm.as_deref(), Some("INPLACE"));
    assert_eq!(alter.lock.as_deref(), Some("NONE"));
    assert!(matches!(alter.actions[5], TableAction::RenameTable { .. }));
}

#[test]
fn clearly_broken() {
    for (text, message, place) in [
        (
            "CREATE TABLE t (a INT b INT)",
            "`b` cannot stand in the definition of the column `a`",
            "b",
        ),
        (
            "CREATE TABLE t (a INTT)",
            "`INTT` cannot stand as a type",
            "INTT",
        ),
        (
            "CREATE TABLE t (a INT,)",
            "expected a column name, found `)`",
            ")",
        ),
        (
            "CREATE TABLE t ()",
            "expected a column name, found `)`",
            ")",
        ),
        (
            "CREATE TABLE t (a INT",
            "the statement ends where `,` or `)` is expected",
            "T",
        ),
        (
            "CREATE TABLE order (a INT)",
            "expected a table name, found `order`",
            "order",
        ),
        (
            "ALTER TABLE t ADD COLUMN a INT NUL NULL",
            "`NUL` cannot stand in the definition of the column `a`",
            "NUL",
        ),
        (
            "DROP TABLE",
            "the statement ends where a table name is expected",
            "E",
        ),
    ] {
        assert_eq!(
            broken(text),
            (message.to_owned(), place.to_owned()),
            "{text}"
        );
    }
}
