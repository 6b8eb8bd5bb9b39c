use std::fmt;

use mysql_async::Conn;
use mysql_async::prelude::Queryable as _;

use super::super::Blocked;
use super::{run, try_run};

/// How the server carries out an ALTER TABLE, and what others may do meanwhile.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Class {
    algorithm: &'static str,
    lock: &'static str,
}

impl Class {
    /// From the least to the most. `INPLACE` includes `NOCOPY`, and that `INSTANT`.
    pub(super) const ALL: [Class; 11] = [
        Class::new("INSTANT", "NONE"),
        Class::new("INSTANT", "SHARED"),
        Class::new("INSTANT", "EXCLUSIVE"),
        Class::new("NOCOPY", "NONE"),
        Class::new("NOCOPY", "SHARED"),
        Class::new("NOCOPY", "EXCLUSIVE"),
        Class::new("INPLACE", "NONE"),
        Class::new("INPLACE", "SHARED"),
        Class::new("INPLACE", "EXCLUSIVE"),
        Class::new("COPY", "SHARED"),
        Class::new("COPY", "EXCLUSIVE"),
    ];

    /// From the least to the most of those that agree with what the statement itself says.
    pub(super) fn candidates(sql: &str) -> impl Iterator<Item = Self> {
        let said = |option: &str, value: &str| {
            let said = sql.split(option).nth(1);
            said.is_none_or(|said| said.starts_with(value))
        };
        Self::ALL.into_iter().filter(move |class| {
            said("ALGORITHM = ", class.algorithm) && said("LOCK = ", class.lock)
        })
    }

    const fn new(algorithm: &'static str, lock: &'static str) -> Self {
        Self { algorithm, lock }
    }

    pub(super) fn named(name: &str) -> Option<Self> {
        Self::ALL
            .into_iter()
            .find(|class| class.to_string() == name)
    }

    pub(super) fn blocks(self) -> Blocked {
        match self.lock {
            "NONE" => Blocked::Nobody,
            "SHARED" => Blocked::Writes,
            _ => Blocked::ReadsAndWrites,
        }
    }
}

impl fmt::Display for Class {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}, {}", self.algorithm, self.lock)
    }
}

/// The table that a statement with classes is about, and where the clauses go.
pub(super) struct Subject {
    pub(super) table: String,
    /// Where the table's name stands in the statement.
    name: std::ops::Range<usize>,
    /// ALTER TABLE takes the clauses after the name, the others at their end.
    alter: bool,
}

impl Subject {
    /// Of `ALTER TABLE` and `CREATE … INDEX`; none of other statements. `DROP INDEX` takes no clauses.
    pub(super) fn of(sql: &str) -> Option<Self> {
        let words: Vec<(usize, &str)> = sql
            .split_ascii_whitespace()
            .map(|word| (word.as_ptr() as usize - sql.as_ptr() as usize, word))
            .collect();
        let is = |at: usize, word: &str| {
            words
                .get(at)
                .is_some_and(|(_, w)| w.eq_ignore_ascii_case(word))
        };
        let position = |word: &str| words.iter().position(|(_, w)| w.eq_ignore_ascii_case(word));
        let alter = is(0, "ALTER") && is(1, "TABLE");
        let at = if alter {
            if is(2, "IF") { 4 } else { 2 }
        } else if is(0, "CREATE") && position("INDEX").is_some_and(|at| at <= 2) {
            position("ON")? + 1
        } else {
            return None;
        };
        let &(start, word) = words.get(at)?;
        let table = word.split('(').next().unwrap_or(word);
        Some(Self {
            table: table.trim_matches('`').to_owned(),
            name: start..start + table.len(),
            alter,
        })
    }

    /// The statement, which then asks for a class.
    pub(super) fn with(&self, sql: &str, class: Class) -> String {
        let Class { algorithm, lock } = class;
        if !self.alter {
            return format!("{sql} ALGORITHM={algorithm} LOCK={lock}");
        }
        let (head, tail) = sql.split_at(self.name.end);
        let first = tail.split_ascii_whitespace().next().unwrap_or_default();
        // Partitioning is no item of the list.
        let separator = match first.to_ascii_uppercase().as_str() {
            "PARTITION" | "REMOVE" => "",
            _ => ",",
        };
        format!("{head} ALGORITHM={algorithm}, LOCK={lock}{separator}{tail}")
    }
}

/// Whether the server refuses the class and not the statement: ER_ALTER_OPERATION_NOT_SUPPORTED with
/// and without a reason, and a syntax error where a form takes no clauses.
pub(super) fn is_refusal(code: u16) -> bool {
    matches!(code, 1845 | 1846 | 1064)
}

/// The class of the same statement on an empty copy; none where the copy cannot be made or refuses,
/// or would not be there any more.
pub(super) async fn of_copy(conn: &mut Conn, sql: &str, subject: &Subject) -> Option<String> {
    const COPY: &str = "_probe";
    if sql.contains("RENAME TO") {
        return None;
    }
    let create = format!("CREATE TABLE {COPY} LIKE `{}`", subject.table);
    conn.query_drop(create).await.ok()?;
    let mut on_copy = sql.to_owned();
    on_copy.replace_range(subject.name.clone(), COPY);
    let of_copy = Subject::of(&on_copy)?;
    let mut found = None;
    for class in Class::candidates(sql) {
        match try_run(conn, &of_copy.with(&on_copy, class)).await {
            Ok(()) => found = Some(class.to_string()),
            Err(code) if is_refusal(code) => continue,
            Err(_) => {}
        }
        break;
    }
    run(conn, &format!("DROP TABLE IF EXISTS {COPY}")).await;
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn clauses_go_where_the_grammar_has_them() {
        let with = |sql: &str| {
            Subject::of(sql)
                .expect("a subject")
                .with(sql, Class::ALL[0])
        };
        assert_eq!(
            with("ALTER TABLE t ADD COLUMN a int"),
            "ALTER TABLE t ALGORITHM=INSTANT, LOCK=NONE, ADD COLUMN a int"
        );
        assert_eq!(
            with("CREATE UNIQUE INDEX i ON t(a)"),
            "CREATE UNIQUE INDEX i ON t(a) ALGORITHM=INSTANT LOCK=NONE"
        );
        assert_eq!(
            with("ALTER TABLE t REMOVE PARTITIONING"),
            "ALTER TABLE t ALGORITHM=INSTANT, LOCK=NONE REMOVE PARTITIONING"
        );
        assert!(Subject::of("UPDATE t SET a = 1").is_none());
    }

    #[test]
    fn what_a_statement_says_itself_stays() {
        let candidates = |sql| {
            let classes = Class::candidates(sql).map(|class| class.to_string());
            classes.collect::<Vec<_>>()
        };
        assert_eq!(candidates("ALTER TABLE t FORCE").len(), 11);
        assert_eq!(
            candidates("ALTER TABLE t FORCE, ALGORITHM = COPY"),
            ["COPY, SHARED", "COPY, EXCLUSIVE"]
        );
        assert_eq!(
            candidates("ALTER TABLE t FORCE, ALGORITHM = INPLACE, LOCK = NONE"),
            ["INPLACE, NONE"]
        );
    }
}
