//! SQLite's statements. Its locks are of the whole database and the runner's, so none is strong.

use super::cursor::Cursor;
use super::{Classified, Kind, Recovery};

pub(super) fn classify(mut c: Cursor<'_>) -> Classified {
    let of = |kind| Classified::new(kind, Recovery::WithRecord);
    let session = || Classified::new(Kind::Session, Recovery::Session);
    match c.word().as_str() {
        "SELECT" | "VALUES" | "EXPLAIN" => of(Kind::Query),
        "WITH" => {
            let changes = c.any(|p| p.is_one_of(&["INSERT", "UPDATE", "DELETE", "REPLACE"]));
            of(if changes { Kind::Dml } else { Kind::Query })
        }
        "INSERT" | "UPDATE" | "DELETE" | "REPLACE" => of(Kind::Dml),
        "CREATE" | "ALTER" | "DROP" => of(Kind::Ddl),
        "BEGIN" | "COMMIT" | "END" | "ROLLBACK" | "SAVEPOINT" | "RELEASE" => {
            Classified::new(Kind::TransactionControl, Recovery::Unknown)
        }
        "ANALYZE" | "REINDEX" => of(Kind::Maintenance),
        "VACUUM" if c.has("INTO") => {
            // A second VACUUM INTO fails on the file of the first.
            Classified::new(Kind::Maintenance, Recovery::Unknown).restricted("VACUUM")
        }
        "VACUUM" => Classified::new(Kind::Maintenance, Recovery::Repeat).restricted("VACUUM"),
        // Measured with 3.40.1 and 3.53: a transaction takes ATTACH, and keeps what is attached from
        // being detached once it has touched it.
        "ATTACH" => session(),
        "DETACH" => session().restricted("DETACH"),
        "PRAGMA" => pragma(c),
        _ => of(Kind::Other),
    }
}

/// The name of a PRAGMA in lower case, and the value that it is given.
pub(super) fn pragma_parts(c: &mut Cursor<'_>) -> Option<(String, Option<String>)> {
    let name = c.name()?.name.to_ascii_lowercase();
    let given = c.eat_mark("=") || c.eat_mark("(");
    let value = c.next().filter(|_| given);
    let value = value.map(|p| p.text.trim_matches(['\'', '"']).to_ascii_lowercase());
    Some((name, value))
}

fn pragma(mut c: Cursor<'_>) -> Classified {
    let query = || Classified::new(Kind::Query, Recovery::WithRecord);
    let maintenance = || Classified::new(Kind::Maintenance, Recovery::Repeat);
    let Some((name, value)) = pragma_parts(&mut c) else {
        return query();
    };
    let refused = format!("PRAGMA {name}");
    match (name.as_str(), value) {
        ("wal_checkpoint", _) => maintenance().restricted(refused),
        ("incremental_vacuum" | "optimize" | "shrink_memory", _) => maintenance(),
        (_, None) => query(),
        // These take an argument and only read.
        (
            "table_info" | "table_xinfo" | "table_list" | "index_list" | "index_info"
            | "index_xinfo" | "foreign_key_list" | "foreign_key_check" | "integrity_check"
            | "quick_check",
            _,
        ) => query(),
        // These are stored in the database and take part in the transaction.
        ("user_version" | "application_id", _) => {
            Classified::new(Kind::Other, Recovery::WithRecord)
        }
        ("journal_mode", _) => maintenance().restricted(refused),
        ("foreign_keys" | "synchronous" | "temp_store", _) => {
            Classified::new(Kind::Session, Recovery::Session).restricted(refused)
        }
        ("auto_vacuum" | "page_size" | "encoding", _) => maintenance(),
        _ => Classified::new(Kind::Session, Recovery::Session),
    }
}
