//! Making mutants: where a mistake of a class can be made, and what it looks like.

mod names;
mod order;
mod punctuation;
mod repeat;
mod sites;
mod spelling;
mod words;

use std::collections::BTreeSet;

use super::{Class, MutableSet, Mutant};

/// Every mutant of a class that the set gives, no two alike, in an order that has nothing to do
/// with their places.
#[must_use]
pub fn generate(set: &MutableSet, class: Class) -> Vec<Mutant> {
    let made = match class {
        Class::Keyword => words::keywords(set),
        Class::Table => names::tables(set),
        Class::Column => names::columns(set),
        Class::Comma => punctuation::without(set, class, &[","]),
        Class::Parenthesis => punctuation::without(set, class, &["(", ")"]),
        Class::CreateTwice => repeat::creates(set),
        Class::DropTwice => repeat::drops(set),
        Class::Swap => order::swaps(set),
        Class::LostDown => order::lost_downs(set),
    };
    let mut seen = BTreeSet::new();
    let mut keyed: Vec<(String, Mutant)> = (made.into_iter())
        .map(|mutant| (mutant.digest(), mutant))
        .filter(|(digest, _)| seen.insert(digest.clone()))
        .collect();
    keyed.sort_by(|a, b| a.0.cmp(&b.0));
    keyed.into_iter().map(|(_, mutant)| mutant).collect()
}

#[cfg(test)]
mod tests {
    use migrate_core::{Dialect, Direction};

    use super::*;

    const BOOKS: (&str, &str) = (
        "CREATE TABLE books (id int PRIMARY KEY, \"title\" text, type int);\n\
         CREATE INDEX titles ON books (title);",
        "DROP INDEX titles; DROP TABLE IF EXISTS public.books",
    );
    const LOANS: (&str, &str) = (
        "-- of books, by id\n\
         CREATE TABLE loans (book int REFERENCES books (id), UNIQUE (book));\n\
         INSERT INTO loans (book) SELECT b.id FROM books AS b WHERE books.title = 'id, books';\n\
         ALTER TABLE loans ADD COLUMN since date, ALTER COLUMN book SET NOT NULL;",
        "ALTER TABLE loans DROP COLUMN since, RENAME COLUMN book TO id;\nDROP TABLE loans;",
    );

    fn set() -> MutableSet {
        MutableSet::of(Dialect::Postgres, &[BOOKS, LOANS])
    }

    /// The bytes that the mutants of a class replace, in the order of the set, each with the script:
    /// `1 up`.
    fn replaced(class: Class) -> Vec<String> {
        let set = set();
        let mut mutants = generate(&set, class);
        mutants.sort_by_key(Mutant::order);
        let replaced = mutants.iter().map(|mutant| {
            let edit = &mutant.edits[0];
            let script = set.script(edit.migration, edit.direction).unwrap();
            let text = &script.text[edit.range.clone()];
            assert_ne!(text, edit.with);
            format!("{} {}: {text}", edit.migration, edit.direction)
        });
        replaced.collect()
    }

    #[test]
    fn tables_where_they_are_used() {
        assert_eq!(
            replaced(Class::Table),
            [
                "0 up: books",
                "0 down: books",
                "1 up: books",
                "1 up: loans",
                "1 up: books",
                "1 up: books",
                "1 up: loans",
                "1 down: loans",
                "1 down: loans",
            ]
        );
    }

    #[test]
    fn columns_where_they_are_used() {
        assert_eq!(
            replaced(Class::Column),
            [
                "0 up: title",
                "1 up: id",
                "1 up: book",
                "1 up: book",
                "1 up: id",
                "1 up: title",
                "1 up: book",
                "1 down: since",
                "1 down: book",
            ]
        );
    }

    #[test]
    fn keywords_are_no_names_and_stand_outside_strings() {
        let keywords = replaced(Class::Keyword);
        // One column is called like a keyword.
        let up: Vec<&str> = keywords
            .iter()
            .filter_map(|k| k.strip_prefix("0 up: "))
            .collect();
        assert_eq!(
            up,
            [
                "CREATE", "TABLE", "int", "PRIMARY", "KEY", "int", "CREATE", "INDEX", "ON"
            ]
        );
    }

    #[test]
    fn marks() {
        let of = |class, script| {
            replaced(class)
                .iter()
                .filter(|r| r.starts_with(script))
                .count()
        };
        assert_eq!(
            (of(Class::Comma, "1 up"), of(Class::Comma, "1 down")),
            (2, 1)
        );
        assert_eq!(
            (
                of(Class::Parenthesis, "1 up"),
                of(Class::Parenthesis, "1 down")
            ),
            (8, 0)
        );
    }

    #[test]
    fn twice() {
        let set = set();
        let texts = |class| {
            let mut mutants = generate(&set, class);
            mutants.sort_by_key(Mutant::order);
            let texts = mutants.iter().map(|mutant| {
                let edit = &mutant.edits[0];
                let script = mutant.script(&set, edit.migration, edit.direction).unwrap();
                (edit.migration, edit.direction, script.text)
            });
            texts.collect::<Vec<_>>()
        };
        let creates = texts(Class::CreateTwice);
        // Both statements of the first script behind themselves, which for the second is the end,
        // the first at the end, and both in the next migration; the first and the last there, which
        // are two each but for the last at the end.
        assert_eq!(creates.len(), 3 + 2 + 3);
        assert!(creates.contains(&(
            0,
            Direction::Up,
            format!("{}\nCREATE INDEX titles ON books (title);", BOOKS.0)
        )));
        let drops = texts(Class::DropTwice);
        assert!(drops.contains(&(
            0,
            Direction::Down,
            format!("{};\nDROP TABLE IF EXISTS public.books;", BOOKS.1)
        )));
    }

    #[test]
    fn swaps_exchange_whole_migrations() {
        let set = set();
        let [swap] = generate(&set, Class::Swap).try_into().unwrap();
        let text = |migration, direction| swap.script(&set, migration, direction).unwrap().text;
        assert_eq!(text(0, Direction::Up), LOANS.0);
        assert_eq!(text(1, Direction::Down), BOOKS.1);
        assert_eq!((swap.first(), swap.last()), (0, 1));
    }

    #[test]
    fn lost_statements() {
        assert_eq!(
            replaced(Class::LostDown),
            [
                "0 down: DROP INDEX titles;",
                "0 down: DROP TABLE IF EXISTS public.books",
                "1 down: ALTER TABLE loans DROP COLUMN since, RENAME COLUMN book TO id;",
                "1 down: DROP TABLE loans;",
            ]
        );
    }

    #[test]
    fn every_run_gives_the_same() {
        let whats = || {
            let mutants = Class::ALL
                .into_iter()
                .flat_map(|class| generate(&set(), class));
            mutants.map(|mutant| mutant.what).collect::<Vec<_>>()
        };
        assert_eq!(whats(), whats());
    }
}
