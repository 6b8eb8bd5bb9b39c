//! MySQL and MariaDB: what SHOW GRANTS says.

use diesel::QueryResult;
use migrate_core::Dialect;
use migrate_core::lex::{Lexer, unquote};

use super::needs::{Need, What};
use super::{Ask, MissingRight};

/// Rights to everything, a database or a table.
#[derive(Debug, PartialEq, Eq)]
struct Grant {
    /// In upper case.
    rights: Vec<String>,
    /// `None` for every database; may hold the wildcards `%` and `_`.
    database: Option<String>,
    /// `None` for every table.
    table: Option<String>,
}

pub(super) fn missing(
    needs: &[(String, Need)],
    ask: &mut Ask<'_>,
) -> QueryResult<Vec<MissingRight>> {
    let current = ask("SELECT CAST(DATABASE() AS CHAR)")?
        .into_iter()
        .find_map(|row| row.into_iter().next().flatten())
        .unwrap_or_default();
    let grants = grants(ask)?;
    let mut missing: Vec<MissingRight> = Vec::new();
    for (version, need) in needs {
        let right = right(need.what);
        let database = need
            .on
            .schema
            .as_ref()
            .map_or(current.as_str(), |s| &s.name);
        let table = &need.on.name.name;
        if grants
            .iter()
            .any(|grant| grant.gives(right, database, table))
        {
            continue;
        }
        let makes = matches!(
            need.what,
            What::Create | What::CreateView | What::CreateRoutine
        );
        let right = match makes {
            true => format!("{right} on database {database}"),
            false => format!("{right} on table {}", need.on),
        };
        if missing.iter().all(|known| known.right != right) {
            let version = version.clone();
            missing.push(MissingRight { version, right });
        }
    }
    Ok(missing)
}

fn grants(ask: &mut Ask<'_>) -> QueryResult<Vec<Grant>> {
    let rows = ask("SHOW GRANTS")?;
    let grants = rows.iter();
    Ok(grants
        .filter_map(|row| grant(row.first()?.as_deref()?))
        .collect())
}

/// What the monitor needs.
pub(super) fn missing_to_watch(ask: &mut Ask<'_>) -> QueryResult<Vec<String>> {
    let everywhere = |grant: &Grant| grant.database.is_none() && grant.gives("PROCESS", "", "");
    Ok(match grants(ask)?.iter().any(everywhere) {
        true => Vec::new(),
        false => {
            vec!["PROCESS, to see what other sessions do and whether replicas follow".to_owned()]
        }
    })
}

/// What a copy needs, by the name that it will have.
pub(super) fn missing_on_scratch(ask: &mut Ask<'_>) -> QueryResult<Vec<String>> {
    let grants = grants(ask)?;
    let gives = |right: &str| {
        let mut grants = grants.iter().filter(|it| it.table.is_none());
        grants.any(|it| it.gives(right, "migrate_verify_1", ""))
    };
    let rights = ["CREATE", "DROP", "INSERT"].into_iter();
    Ok(rights
        .filter(|right| !gives(right))
        .map(|right| {
            format!("{right} on databases `migrate_verify_%`, which the backup is restored into")
        })
        .collect())
}

/// The right that something needs.
fn right(what: What) -> &'static str {
    match what {
        What::Create => "CREATE",
        What::CreateView => "CREATE VIEW",
        What::CreateRoutine => "CREATE ROUTINE",
        What::Alter => "ALTER",
        What::Drop | What::Truncate => "DROP",
        What::Index => "INDEX",
        What::Trigger => "TRIGGER",
        What::Reference => "REFERENCES",
        What::Insert => "INSERT",
        What::Update => "UPDATE",
        What::Delete => "DELETE",
    }
}

impl Grant {
    fn gives(&self, right: &str, database: &str, table: &str) -> bool {
        let all = |it: &String| it == "ALL PRIVILEGES" || it == "ALL" || it == right;
        let here = |pattern: &String| like(pattern, database);
        self.rights.iter().any(all)
            && self.database.as_ref().is_none_or(here)
            && self
                .table
                .as_ref()
                .is_none_or(|it| it.eq_ignore_ascii_case(table))
    }
}

/// Whether a name fits a pattern with `%`, `_` and backslashes before what is meant as it is.
fn like(pattern: &str, name: &str) -> bool {
    let mut rest = pattern.chars();
    match rest.next() {
        None => name.is_empty(),
        Some('%') => {
            let tails = name.char_indices().map(|(at, _)| at).chain([name.len()]);
            tails
                .filter_map(|at| name.get(at..))
                .any(|tail| like(rest.as_str(), tail))
        }
        Some(first) => {
            let wanted = match first {
                '\\' => rest.next(),
                other => Some(other),
            };
            let mut name = name.chars();
            let Some(found) = name.next() else {
                return false;
            };
            let fits = first == '_' || wanted.is_some_and(|it| it.eq_ignore_ascii_case(&found));
            fits && like(rest.as_str(), name.as_str())
        }
    }
}

/// Reads `GRANT SELECT, CREATE VIEW ON `db`.* TO …`; `None` for what gives no rights to tables, as a
/// role does.
fn grant(text: &str) -> Option<Grant> {
    let mut words = Lexer::new(text, Dialect::Mysql)
        .filter(|token| !token.kind.is_trivia())
        .map(|token| token.text(text));
    let is = |word: &str, what: &str| word.eq_ignore_ascii_case(what);
    words.next().filter(|word| is(word, "GRANT"))?;
    let mut rights = vec![String::new()];
    let mut depth = 0;
    loop {
        match words.next()? {
            // A right to some columns counts as one: rather too little is missed here than too much.
            "(" => depth += 1,
            ")" => depth -= 1,
            _ if depth > 0 => {}
            "," => rights.push(String::new()),
            word if is(word, "ON") => break,
            word if is(word, "TO") => return None,
            word => {
                let right = rights.last_mut()?;
                if !right.is_empty() {
                    right.push(' ');
                }
                right.push_str(&word.to_ascii_uppercase());
            }
        }
    }
    let scope: Vec<&str> = words.take_while(|word| !is(word, "TO")).collect();
    let text = scope.concat();
    let (database, table) = match scope.as_slice() {
        [database, ".", table] => (*database, *table),
        _ if text == "*.*" => ("*", "*"),
        [database, rest] if rest.starts_with('.') => (*database, rest.trim_start_matches('.')),
        _ => return None,
    };
    let name = |word: &str| (word != "*").then(|| unquote(word));
    Some(Grant {
        rights,
        database: name(database),
        table: name(table),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn grants() {
        let all = grant("GRANT ALL PRIVILEGES ON *.* TO `root`@`localhost` WITH GRANT OPTION");
        assert!(all.unwrap().gives("CREATE VIEW", "x", "y"));
        let some =
            grant(r"GRANT SELECT, INSERT (`a`, `b`), CREATE VIEW ON `my\_app%`.* TO `u`@`%`");
        let some = some.unwrap();
        assert!(some.gives("CREATE VIEW", "my_app2", "y") && some.gives("INSERT", "my_app", "y"));
        assert!(!some.gives("CREATE VIEW", "myxapp", "y") && !some.gives("DROP", "my_app", "y"));
        let one = grant("GRANT ALTER ON `app`.`orders` TO `u`@`%`").unwrap();
        assert!(one.gives("ALTER", "app", "orders") && !one.gives("ALTER", "app", "x"));
        assert_eq!(grant("GRANT `boss` TO `u`@`%`"), None);
        assert_eq!(grant("SET DEFAULT ROLE `boss` FOR `u`@`%`"), None);
    }
}
