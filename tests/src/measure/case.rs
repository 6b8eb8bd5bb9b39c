use std::fs;
use std::path::{Path, PathBuf};

use migrate_core::{Dialect, split};

/// One case: what is there before, and the migration that is measured on it.
#[derive(Clone, Debug)]
pub struct Case {
    /// `file/name`, unique within the dialect.
    pub name: String,
    /// The schema that is there before: what the file gives to all its cases, then the case's own.
    pub given: String,
    /// What fills that schema: the file's, then the case's. No part of any migration.
    pub rows: String,
    /// The migration.
    pub when: String,
}

impl Case {
    /// The migration's statements in order.
    ///
    /// # Panics
    /// Where the script cannot be split.
    #[must_use]
    pub fn statements(&self, dialect: Dialect) -> Vec<String> {
        let split = split(&self.when, dialect);
        assert!(split.problems.is_empty(), "{}: {:?}", self.name, split);
        split.texts(&self.when).map(str::to_owned).collect()
    }

    /// Whether the migration says that it runs outside a transaction.
    #[must_use]
    pub fn no_transaction(&self) -> bool {
        self.when.contains("-- migrate:no-transaction")
    }
}

/// The folder of a dialect's cases and of what was measured.
#[must_use]
pub fn folder(dialect: Dialect) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("measure")
        .join(dialect.name())
}

/// All cases of a dialect, by file name and then in the order of the file.
///
/// # Panics
/// Where a file cannot be read, holds no case, or two cases have one name.
#[must_use]
pub fn cases(dialect: Dialect) -> Vec<Case> {
    let entries = fs::read_dir(folder(dialect)).expect("the folder of the cases");
    let mut paths: Vec<PathBuf> = entries.map(|e| e.expect("an entry").path()).collect();
    paths.retain(|path| path.extension().is_some_and(|e| e == "sql"));
    paths.sort();
    let mut cases = Vec::new();
    for path in paths {
        let group = path.file_stem().expect("a name").to_string_lossy();
        let text = fs::read_to_string(&path).expect("a readable file of cases");
        let read = read(&group, &text);
        assert!(!read.is_empty(), "{} holds no case", path.display());
        cases.extend(read);
    }
    let mut names: Vec<&str> = cases.iter().map(|case| case.name.as_str()).collect();
    names.sort_unstable();
    for pair in names.windows(2) {
        assert_ne!(pair[0], pair[1], "two cases have one name");
    }
    cases
}

/// The part of a case that a line belongs to.
#[derive(Clone, Copy)]
enum Part {
    /// The words before the first mark.
    Preface,
    Given,
    Rows,
    When,
}

/// Reads a file of cases. `-- given:` and `-- rows:` before the first `-- case: name` are for all
/// cases of the file; in a case they end at `-- when:`, and a case without them is its migration alone.
fn read(group: &str, text: &str) -> Vec<Case> {
    let mut shared = Case {
        name: String::new(),
        given: String::new(),
        rows: String::new(),
        when: String::new(),
    };
    let mut cases: Vec<Case> = Vec::new();
    let mut part = Part::Preface;
    for line in text.lines() {
        if let Some(name) = line.strip_prefix("-- case: ") {
            cases.push(Case {
                name: format!("{group}/{name}"),
                ..shared.clone()
            });
            part = Part::When;
            continue;
        }
        part = match line {
            "-- given:" => Part::Given,
            "-- rows:" => Part::Rows,
            "-- when:" => Part::When,
            _ => {
                let case = cases.last_mut().unwrap_or(&mut shared);
                let part = match part {
                    Part::Preface => continue,
                    Part::Given => &mut case.given,
                    Part::Rows => &mut case.rows,
                    Part::When => &mut case.when,
                };
                part.push_str(line);
                part.push('\n');
                continue;
            }
        };
    }
    for case in &cases {
        assert!(!case.when.trim().is_empty(), "{} does nothing", case.name);
    }
    cases
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_file_gives_is_for_all_its_cases() {
        let text = "-- Words.\n-- given:\nCREATE TABLE a (b int);\n-- rows:\nINSERT INTO a VALUES (1);\n\
            -- case: one\nDROP TABLE a;\n\
            -- case: two\n-- given:\nCREATE TABLE c (d int);\n-- when:\n-- Words.\nDROP TABLE c;\nDROP TABLE a;\n";
        let cases = read("group", text);
        assert_eq!(cases.len(), 2);
        assert_eq!(cases[0].name, "group/one");
        assert_eq!(cases[0].given, "CREATE TABLE a (b int);\n");
        assert_eq!(cases[0].rows, "INSERT INTO a VALUES (1);\n");
        assert_eq!(
            cases[1].given,
            "CREATE TABLE a (b int);\nCREATE TABLE c (d int);\n"
        );
        let statements = cases[1].statements(Dialect::Postgres);
        assert_eq!(statements, ["DROP TABLE c", "DROP TABLE a"]);
    }
}
