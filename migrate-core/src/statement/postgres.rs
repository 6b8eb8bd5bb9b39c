//! PostgreSQL's statements. What cannot run in a transaction block is said on the manual page of
//! each command; the locks are those of the manual's chapter 13.3, measured on PostgreSQL 15.

use super::cursor::Cursor;
use super::{CatalogueChange, Classified, Kind, ObjectKind, ObjectName, Recovery, Verb};

pub(super) const CREATE_INDEX_CONCURRENTLY: &str = "CREATE INDEX CONCURRENTLY";

pub(super) fn classify(mut c: Cursor<'_>) -> Classified {
    let of = |kind| Classified::new(kind, Recovery::WithRecord);
    if c.is_mark("(") {
        return of(Kind::Query);
    }
    match c.word().as_str() {
        "SELECT" => {
            c.eat("PG_CATALOG");
            c.eat_mark(".");
            if c.is("SET_CONFIG") {
                session()
            } else {
                of(Kind::Query)
            }
        }
        "VALUES" | "TABLE" | "SHOW" | "EXPLAIN" | "FETCH" => of(Kind::Query),
        "WITH" => {
            let changes = c.any(|p| p.is_one_of(&["INSERT", "UPDATE", "DELETE", "MERGE"]));
            of(if changes { Kind::Dml } else { Kind::Query })
        }
        "INSERT" | "UPDATE" | "DELETE" | "MERGE" => of(Kind::Dml),
        "COPY" => of(Kind::Copy),
        "BEGIN" | "START" | "COMMIT" | "END" | "ROLLBACK" | "ABORT" | "SAVEPOINT" | "RELEASE" => {
            transaction_control()
        }
        "PREPARE" if c.is("TRANSACTION") => transaction_control(),
        "DISCARD" if c.is("ALL") => session().restricted("DISCARD ALL"),
        "SET" | "RESET" | "DISCARD" | "PREPARE" | "DEALLOCATE" | "LISTEN" | "UNLISTEN" | "LOAD"
        | "DECLARE" | "CLOSE" | "MOVE" => session(),
        // Both may commit inside, and PREPARE can hold any statement.
        "DO" | "CALL" | "EXECUTE" => Classified::new(Kind::Call, Recovery::Unknown),
        "VACUUM" => {
            let full = c.clone().take(8).any(|p| p.is("FULL"));
            maintenance("VACUUM").locking(full)
        }
        "CHECKPOINT" => Classified::new(Kind::Maintenance, Recovery::Repeat),
        "ANALYZE" | "ANALYSE" => of(Kind::Maintenance),
        "REINDEX" => reindex(c),
        "CLUSTER" => {
            c.eat("VERBOSE");
            if c.peek().is_none() {
                maintenance("CLUSTER without a table").locking(true)
            } else {
                of(Kind::Maintenance).locking(true)
            }
        }
        "REFRESH" => of(Kind::Maintenance).locking(!c.has("CONCURRENTLY")),
        "LOCK" => of(Kind::Other).locking(locks_strongly(&c)),
        "CREATE" => create(c),
        "ALTER" => alter(c),
        "DROP" => drop(c),
        "TRUNCATE" => of(Kind::Ddl).locking(true),
        "COMMENT" | "SECURITY" | "GRANT" | "REVOKE" | "IMPORT" | "REASSIGN" => of(Kind::Ddl),
        _ => of(Kind::Other),
    }
}

fn session() -> Classified {
    Classified::new(Kind::Session, Recovery::Session)
}

fn transaction_control() -> Classified {
    Classified::new(Kind::TransactionControl, Recovery::Unknown)
}

fn ddl() -> Classified {
    Classified::new(Kind::Ddl, Recovery::WithRecord)
}

/// Something that no transaction may hold and that may be repeated.
fn maintenance(what: &str) -> Classified {
    Classified::new(Kind::Maintenance, Recovery::Repeat).restricted(what)
}

/// Something that no transaction may hold and about which nothing tells.
fn outside(what: &str) -> Classified {
    Classified::new(Kind::Ddl, Recovery::Unknown).restricted(what)
}

fn reindex(c: Cursor<'_>) -> Classified {
    let concurrently = c.has("CONCURRENTLY") && !is_off(&c, "CONCURRENTLY");
    let whole = ["SCHEMA", "DATABASE", "SYSTEM"]
        .into_iter()
        .find(|word| c.clone().take(8).any(|p| p.is(word)));
    if concurrently {
        maintenance("REINDEX CONCURRENTLY")
    } else if let Some(word) = whole {
        maintenance(&format!("REINDEX {word}")).locking(true)
    } else {
        Classified::new(Kind::Maintenance, Recovery::WithRecord).locking(true)
    }
}

/// Whether an option is followed by false, off or 0, perhaps after an equals sign.
fn is_off(c: &Cursor<'_>, option: &str) -> bool {
    let mut c = c.clone();
    if !c.any(|p| p.is(option)) {
        return false;
    }
    c.eat_mark("=");
    c.peek().is_some_and(|p| {
        p.is_one_of(&["FALSE", "OFF"]) || ["0", "'off'", "'false'"].contains(&p.text)
    })
}

/// LOCK without a mode is ACCESS EXCLUSIVE.
fn locks_strongly(c: &Cursor<'_>) -> bool {
    !["ROW SHARE", "ROW EXCLUSIVE", "ACCESS SHARE", "SHARE UPDATE"]
        .iter()
        .any(|mode| {
            let words: Vec<&str> = mode.split(' ').collect();
            // SHARE ROW EXCLUSIVE holds ROW EXCLUSIVE, and is strong.
            c.has_all(&words) && !c.has_all(&["SHARE", "ROW"])
        })
}

fn create(mut c: Cursor<'_>) -> Classified {
    let replace = c.eat_all(&["OR", "REPLACE"]);
    match c.word().as_str() {
        "DATABASE" => database(c, Verb::Create).restricted("CREATE DATABASE"),
        "TABLESPACE" => outside("CREATE TABLESPACE"),
        "SUBSCRIPTION" if is_off(&c, "CREATE_SLOT") || is_off(&c, "CONNECT") => ddl(),
        "SUBSCRIPTION" => outside("CREATE SUBSCRIPTION"),
        "UNIQUE" if c.eat("INDEX") => create_index(c),
        "INDEX" => create_index(c),
        "TRIGGER" | "CONSTRAINT" | "RULE" | "POLICY" => ddl().locking(true),
        "VIEW" | "RECURSIVE" | "TEMP" | "TEMPORARY" if replace => ddl().locking(true),
        "TABLE" | "GLOBAL" | "LOCAL" | "TEMP" | "TEMPORARY" | "UNLOGGED" | "FOREIGN" => {
            let parent = c.has("REFERENCES") || c.has_all(&["PARTITION", "OF"]);
            ddl().locking(parent)
        }
        _ => ddl(),
    }
}

fn create_index(mut c: Cursor<'_>) -> Classified {
    if !c.eat("CONCURRENTLY") {
        return ddl().locking(true);
    }
    let if_exists_clause = c.eat_if_exists();
    let name = if c.is("ON") { None } else { c.name() };
    let on = c.eat("ON").then(|| {
        c.eat("ONLY");
        c.name()
    });
    let recovery = match (name, on.flatten()) {
        (Some(name), Some(on)) => Recovery::Catalogue(CatalogueChange {
            verb: Verb::Create,
            object: ObjectKind::Index,
            // An index is in the schema of its table.
            names: vec![ObjectName {
                schema: name.schema.or_else(|| on.schema.clone()),
                name: name.name,
            }],
            on: Some(on),
            concurrently: true,
            if_exists_clause,
        }),
        _ => Recovery::Unknown,
    };
    Classified::new(Kind::Ddl, recovery).restricted(CREATE_INDEX_CONCURRENTLY)
}

fn database(mut c: Cursor<'_>, verb: Verb) -> Classified {
    let if_exists_clause = c.eat_if_exists();
    let recovery = c.name().map_or(Recovery::Unknown, |name| {
        Recovery::Catalogue(CatalogueChange {
            verb,
            object: ObjectKind::Database,
            names: vec![name],
            on: None,
            concurrently: false,
            if_exists_clause,
        })
    });
    Classified::new(Kind::Ddl, recovery)
}

fn alter(mut c: Cursor<'_>) -> Classified {
    match c.word().as_str() {
        "SYSTEM" => maintenance("ALTER SYSTEM"),
        "DATABASE" if c.has_all(&["SET", "TABLESPACE"]) => {
            outside("ALTER DATABASE … SET TABLESPACE")
        }
        "SUBSCRIPTION" => {
            let publications = ["SET", "ADD", "DROP"]
                .iter()
                .any(|verb| c.has_all(&[verb, "PUBLICATION"]));
            if c.has_all(&["REFRESH", "PUBLICATION"]) {
                outside("ALTER SUBSCRIPTION … REFRESH PUBLICATION")
            } else if publications && !is_off(&c, "REFRESH") {
                outside("ALTER SUBSCRIPTION … PUBLICATION with refresh")
            } else {
                ddl()
            }
        }
        "TABLE" => alter_table(c),
        "FOREIGN" | "VIEW" | "MATERIALIZED" | "SEQUENCE" | "TRIGGER" | "POLICY" | "RULE"
        | "DOMAIN" => ddl().locking(true),
        "INDEX" => ddl().locking(!c.has_all(&["RENAME", "TO"])),
        // Attributes of a composite type are those of its typed tables.
        "TYPE" => ddl().locking(c.has("ATTRIBUTE")),
        _ => ddl(),
    }
}

fn alter_table(mut c: Cursor<'_>) -> Classified {
    if c.has_all(&["DETACH", "PARTITION"]) && c.has("CONCURRENTLY") {
        return outside("ALTER TABLE … DETACH PARTITION CONCURRENTLY");
    }
    c.eat_if_exists();
    c.eat("ONLY");
    if c.name().is_none() {
        return ddl().locking(true);
    }
    c.eat_mark("*");
    ddl().locking(!c.parts().into_iter().all(is_weak_change))
}

/// The changes that take SHARE UPDATE EXCLUSIVE only.
fn is_weak_change(mut c: Cursor<'_>) -> bool {
    if c.eat("ALTER") {
        c.eat("COLUMN");
        if c.identifier().is_none() {
            return false;
        }
        return c.eat_all(&["SET", "STATISTICS"]) || (c.eat("SET") && c.is_mark("("));
    }
    c.eat_all(&["VALIDATE", "CONSTRAINT"])
        || c.eat_all(&["CLUSTER", "ON"])
        || (c.eat_one_of(&["SET", "RESET"]) && c.is_mark("("))
}

fn drop(mut c: Cursor<'_>) -> Classified {
    match c.word().as_str() {
        "DATABASE" => database(c, Verb::Drop).restricted("DROP DATABASE"),
        "TABLESPACE" => outside("DROP TABLESPACE"),
        "SUBSCRIPTION" => outside("DROP SUBSCRIPTION"),
        "INDEX" if c.eat("CONCURRENTLY") => {
            let if_exists_clause = c.eat_if_exists();
            let recovery = c.names().map_or(Recovery::Unknown, |names| {
                Recovery::Catalogue(CatalogueChange {
                    verb: Verb::Drop,
                    object: ObjectKind::Index,
                    names,
                    on: None,
                    concurrently: true,
                    if_exists_clause,
                })
            });
            Classified::new(Kind::Ddl, recovery).restricted("DROP INDEX CONCURRENTLY")
        }
        "TABLE" | "VIEW" | "MATERIALIZED" | "INDEX" | "SEQUENCE" | "TRIGGER" | "RULE"
        | "POLICY" | "FOREIGN" | "OWNED" => ddl().locking(true),
        _ => ddl().locking(c.has("CASCADE")),
    }
}
