//! MySQL's and MariaDB's statements. Every DDL statement commits, so its record cannot commit
//! with it: only the forms on the closed list below are told from the catalogue.
//!
//! Not on the list, though they look alike: CREATE TABLE … SELECT (rows), temporary tables (not in
//! the catalogue), events that run at one time (they are gone when they have run), functions from
//! libraries (another catalogue).

mod alter_table;

use super::cursor::Cursor;
use super::{CatalogueChange, Classified, Kind, ObjectKind, ObjectName, Recovery, Verb};
use crate::lex::TokenKind;

pub(super) fn classify(mut c: Cursor<'_>) -> Classified {
    let of = Classified::new;
    if c.is_mark("(") {
        return query(&c);
    }
    match c.word().as_str() {
        "SELECT" | "VALUES" | "TABLE" => query(&c),
        "WITH" => {
            if c.has("UPDATE") || c.has("DELETE") {
                of(Kind::Dml, Recovery::WithRecord)
            } else {
                query(&c)
            }
        }
        "SHOW" | "DESC" | "DESCRIBE" | "EXPLAIN" | "HELP" | "CHECKSUM" | "HANDLER" => {
            of(Kind::Query, Recovery::WithRecord)
        }
        "INSERT" | "UPDATE" | "DELETE" | "REPLACE" => of(Kind::Dml, Recovery::WithRecord),
        "LOAD" if c.is_one_of(&["DATA", "XML"]) => of(Kind::Dml, Recovery::WithRecord),
        "BEGIN" if c.is("NOT") => of(Kind::Call, Recovery::Unknown),
        "START" if !c.is("TRANSACTION") => of(Kind::Other, Recovery::Unknown),
        "LOCK" | "UNLOCK" if c.is("INSTANCE") => of(Kind::Other, Recovery::Unknown),
        // LOCK TABLES commits, and then no other table can be written, the history's neither.
        "BEGIN" | "START" | "COMMIT" | "ROLLBACK" | "SAVEPOINT" | "RELEASE" | "XA" | "LOCK"
        | "UNLOCK" => transaction_control(),
        "SET" => set(c),
        "USE" | "PREPARE" | "DEALLOCATE" => of(Kind::Session, Recovery::Session),
        "CALL" | "DO" | "EXECUTE" | "IF" | "CASE" | "LOOP" | "WHILE" | "REPEAT" | "FOR" => {
            of(Kind::Call, Recovery::Unknown)
        }
        "ANALYZE" | "OPTIMIZE" | "CHECK" | "REPAIR" => {
            c.eat_one_of(&["NO_WRITE_TO_BINLOG", "LOCAL"]);
            if c.is_one_of(&["TABLE", "TABLES", "VIEW"]) {
                of(Kind::Maintenance, Recovery::Repeat)
            } else {
                // MariaDB's ANALYZE runs the statement that follows.
                of(Kind::Query, Recovery::WithRecord)
            }
        }
        "FLUSH" if c.has_all(&["READ", "LOCK"]) || c.has("EXPORT") => {
            of(Kind::Other, Recovery::Unknown)
        }
        "FLUSH" => of(Kind::Maintenance, Recovery::Repeat),
        "SIGNAL" => of(Kind::Other, Recovery::WithRecord),
        "CREATE" => create(c),
        "ALTER" => alter(c),
        "DROP" => drop(c),
        "RENAME" if c.eat_one_of(&["TABLE", "TABLES"]) => rename_tables(c),
        "RENAME" | "TRUNCATE" => ddl(Recovery::Unknown),
        // A grant that is there stays as it is; a REVOKE of one that is not there fails.
        "GRANT" => of(Kind::Ddl, Recovery::Repeat),
        "REVOKE" if c.is("IF") => of(Kind::Ddl, Recovery::Repeat),
        "REVOKE" => of(Kind::Ddl, Recovery::Unknown),
        _ => of(Kind::Other, Recovery::Unknown),
    }
}

fn transaction_control() -> Classified {
    Classified::new(Kind::TransactionControl, Recovery::Unknown)
}

/// DDL takes a metadata lock, behind which readers and writers queue.
fn ddl(recovery: Recovery) -> Classified {
    Classified::new(Kind::Ddl, recovery).locking(true)
}

fn catalogue(change: Option<CatalogueChange>) -> Classified {
    ddl(change.map_or(Recovery::Unknown, Recovery::Catalogue))
}

/// A query, unless it writes a file, which it does once only.
fn query(c: &Cursor<'_>) -> Classified {
    let writes = c.has("OUTFILE") || c.has("DUMPFILE");
    let recovery = if writes {
        Recovery::Unknown
    } else {
        Recovery::WithRecord
    };
    Classified::new(Kind::Query, recovery)
}

/// SET of settings is replayed in a new session. A user variable that is set from a call or a
/// subquery is not, because that may change data, or find something else a second time.
fn set(mut c: Cursor<'_>) -> Classified {
    let of = Classified::new;
    if c.eat("STATEMENT") {
        // MariaDB: settings for the one statement after FOR.
        return if c.any(|p| p.is("FOR")) {
            classify(c)
        } else {
            of(Kind::Other, Recovery::Unknown)
        };
    }
    if c.eat("PASSWORD") || c.eat_all(&["DEFAULT", "ROLE"]) {
        return of(Kind::Ddl, Recovery::Repeat);
    }
    let mut global = true;
    let mut calls = false;
    for mut part in c.parts() {
        let first = part.peek().map(|p| p.text.to_ascii_lowercase());
        let first = first.unwrap_or_default();
        let scope = part.eat_one_of(&["GLOBAL", "PERSIST", "PERSIST_ONLY"]);
        part.eat_one_of(&["SESSION", "LOCAL"]);
        let name = part.peek().map(|p| p.text.to_ascii_lowercase());
        let name = name.unwrap_or_default();
        if name.trim_start_matches('@').split('.').next_back() == Some("autocommit") {
            return transaction_control();
        }
        let in_name = ["@@global.", "@@persist.", "@@persist_only."];
        global &= scope || in_name.iter().any(|scope| name.starts_with(scope));
        let user_variable = first.starts_with('@') && !first.starts_with("@@");
        calls |= user_variable && part.any(|p| p.is_mark("("));
    }
    if calls {
        of(Kind::Session, Recovery::WithRecord)
    } else if global {
        of(Kind::Maintenance, Recovery::Repeat)
    } else {
        of(Kind::Session, Recovery::Session)
    }
}

/// The words between CREATE, ALTER or DROP and the object.
#[derive(Default)]
struct Modifiers {
    temporary: bool,
    or_replace: bool,
}

fn modifiers(c: &mut Cursor<'_>) -> Modifiers {
    let mut found = Modifiers::default();
    loop {
        if c.eat_all(&["OR", "REPLACE"]) {
            found.or_replace = true;
        } else if c.eat("TEMPORARY") {
            found.temporary = true;
        } else if c.eat("DEFINER") {
            c.eat_mark("=");
            c.next();
            if c.eat_mark("(") {
                c.eat_mark(")");
            }
            // `@host` is one token, and a quoted host its own after the sign.
            if let Some(at) = c.peek().filter(|p| p.token.kind == TokenKind::Parameter) {
                c.next();
                if at.text == "@" {
                    c.next();
                }
            }
        } else if c.eat("ALGORITHM") {
            c.eat_mark("=");
            c.next();
        } else if c.eat_all(&["SQL", "SECURITY"]) {
            c.next();
        } else if !c.eat_one_of(&[
            "UNIQUE",
            "FULLTEXT",
            "SPATIAL",
            "ONLINE",
            "OFFLINE",
            "IGNORE",
            "AGGREGATE",
        ]) {
            return found;
        }
    }
}

fn change(
    verb: Verb,
    object: ObjectKind,
    names: Vec<ObjectName>,
    if_exists_clause: bool,
) -> CatalogueChange {
    CatalogueChange {
        verb,
        object,
        names,
        on: None,
        concurrently: false,
        if_exists_clause,
    }
}

/// The objects with one name and a body or options after it.
fn single_object(word: &str) -> Option<ObjectKind> {
    Some(match word {
        "VIEW" => ObjectKind::View,
        "TRIGGER" => ObjectKind::Trigger,
        "PROCEDURE" => ObjectKind::Procedure,
        "FUNCTION" => ObjectKind::Function,
        "EVENT" => ObjectKind::Event,
        "SEQUENCE" => ObjectKind::Sequence,
        "DATABASE" | "SCHEMA" => ObjectKind::Database,
        _ => return None,
    })
}

fn create(mut c: Cursor<'_>) -> Classified {
    let modifiers = modifiers(&mut c);
    let word = c.word();
    let if_exists = c.eat_if_exists();
    if modifiers.temporary {
        return Classified::new(Kind::Ddl, Recovery::Unknown);
    }
    match word.as_str() {
        "TABLE" => catalogue(create_table(&mut c, if_exists)),
        "INDEX" => catalogue(index(&mut c, Verb::Create, if_exists)),
        "USER" | "ROLE" if if_exists || modifiers.or_replace => {
            Classified::new(Kind::Ddl, Recovery::Repeat)
        }
        "USER" | "ROLE" => Classified::new(Kind::Ddl, Recovery::Unknown),
        word => {
            let Some(object) = single_object(word) else {
                return ddl(Recovery::Unknown);
            };
            let Some(name) = c.name() else {
                return ddl(Recovery::Unknown);
            };
            let untold = match object {
                ObjectKind::Event => !c.clone().eat_all(&["ON", "SCHEDULE", "EVERY"]),
                ObjectKind::Function => c.has("SONAME"),
                _ => false,
            };
            if untold {
                return ddl(Recovery::Unknown);
            }
            let mut change = change(Verb::Create, object, vec![name], if_exists);
            if object == ObjectKind::Trigger && c.any(|p| p.is("ON")) {
                change.on = c.name();
            }
            catalogue(Some(change))
        }
    }
}

fn create_table(c: &mut Cursor<'_>, if_exists: bool) -> Option<CatalogueChange> {
    let name = c.name()?;
    // Rows come with it: AS SELECT, (SELECT …), VALUES ROW(…), AS TABLE t. A partition's VALUES
    // stand in brackets.
    if c.has("SELECT") || c.has_outside_brackets(&["VALUES", "TABLE"]) {
        return None;
    }
    Some(change(
        Verb::Create,
        ObjectKind::Table,
        vec![name],
        if_exists,
    ))
}

fn index(c: &mut Cursor<'_>, verb: Verb, if_exists: bool) -> Option<CatalogueChange> {
    let name = c.name()?;
    if c.eat("USING") {
        c.next();
    }
    let on = if c.eat("ON") { c.name() } else { None };
    let mut change = change(verb, ObjectKind::Index, vec![name], if_exists);
    change.on = Some(on?);
    Some(change)
}

fn alter(mut c: Cursor<'_>) -> Classified {
    modifiers(&mut c);
    match c.word().as_str() {
        "TABLE" => catalogue(alter_table::change(c)),
        "VIEW" => {
            let if_exists = c.eat_if_exists();
            let view = |name| change(Verb::Alter, ObjectKind::View, vec![name], if_exists);
            catalogue(c.name().map(view))
        }
        "DATABASE" | "SCHEMA" => {
            // Without a name it is the current database; setting a default twice is harmless.
            let options = [
                "CHARACTER",
                "CHARSET",
                "COLLATE",
                "DEFAULT",
                "COMMENT",
                "ENCRYPTION",
                "READ",
            ];
            if c.is_one_of(&options) {
                return ddl(Recovery::Repeat);
            }
            let database = |name| change(Verb::Alter, ObjectKind::Database, vec![name], false);
            catalogue(c.name().map(database))
        }
        // Keeping the current password as a second one is not repeatable.
        "USER" if !c.has("RETAIN") => Classified::new(Kind::Ddl, Recovery::Repeat),
        _ => ddl(Recovery::Unknown),
    }
}

fn drop(mut c: Cursor<'_>) -> Classified {
    let modifiers = modifiers(&mut c);
    let word = c.word();
    let if_exists = c.eat_if_exists();
    if modifiers.temporary {
        let recovery = if if_exists {
            Recovery::Session
        } else {
            Recovery::Unknown
        };
        return Classified::new(Kind::Ddl, recovery);
    }
    match word.as_str() {
        "PREPARE" => Classified::new(Kind::Session, Recovery::Session),
        "INDEX" => catalogue(index(&mut c, Verb::Drop, if_exists)),
        "USER" | "ROLE" => {
            let recovery = if if_exists {
                Recovery::Repeat
            } else {
                Recovery::Unknown
            };
            Classified::new(Kind::Ddl, recovery)
        }
        word => {
            let object = match word {
                "TABLE" | "TABLES" => Some(ObjectKind::Table),
                word => single_object(word),
            };
            catalogue(object.and_then(|object| {
                let names = c.names()?;
                Some(change(Verb::Drop, object, names, if_exists))
            }))
        }
    }
}

fn rename_tables(mut c: Cursor<'_>) -> Classified {
    let if_exists = c.eat_if_exists();
    let mut names = Vec::new();
    loop {
        let Some(from) = c.name() else {
            return ddl(Recovery::Unknown);
        };
        // MariaDB: how long to wait for the lock.
        if c.eat("WAIT") {
            c.next();
        }
        c.eat("NOWAIT");
        let to = if c.eat("TO") { c.name() } else { None };
        let Some(to) = to else {
            return ddl(Recovery::Unknown);
        };
        names.extend([from, to]);
        if !c.eat_mark(",") {
            break;
        }
    }
    catalogue(Some(change(
        Verb::Rename,
        ObjectKind::Table,
        names,
        if_exists,
    )))
}
