//! Statements that stand twice: behind themselves, at the end of the script, and in the next
//! migration.

use migrate_core::Direction;

use super::sites::{Words, replace, statements};
use crate::mutants::{Class, MutableSet, Mutant, SetScript};

/// What creates or adds something.
pub(super) fn creates(set: &MutableSet) -> Vec<Mutant> {
    let adds = |words: &Words<'_>| {
        let altered = words.is(0, "ALTER") && (2..words.len()).any(|i| words.is(i, "ADD"));
        words.is(0, "CREATE") || altered
    };
    repeated(set, Class::CreateTwice, adds)
}

/// What drops something.
pub(super) fn drops(set: &MutableSet) -> Vec<Mutant> {
    let drops = |words: &Words<'_>| {
        let altered = words.is(0, "ALTER") && (2..words.len()).any(|i| words.is(i, "DROP"));
        words.is(0, "DROP") || altered
    };
    repeated(set, Class::DropTwice, drops)
}

fn repeated(set: &MutableSet, class: Class, chosen: impl Fn(&Words<'_>) -> bool) -> Vec<Mutant> {
    let mut mutants = Vec::new();
    for place in set.scripts() {
        let (migration, direction, script) = place;
        let all = statements(script, set.dialect());
        for words in all.iter().filter(|words| chosen(words)) {
            let statement = &script.text[words.span.clone()];
            let what = |where_to: &str| format!("`{}` once more {where_to}", shortened(statement));
            let behind = (&place, words.whole.end, "behind itself");
            // What follows a last PRAGMA or SET would change what that means.
            let sets = |words: &Words<'_>| words.is_one_of(0, &["PRAGMA", "SET"]);
            let end = (all.last().filter(|last| !sets(last)))
                .map(|last| (&place, last.whole.end, "at the end"));
            let next = (direction == Direction::Up)
                .then(|| set.script(migration + 1, Direction::Up))
                .flatten()
                .map(|next| (migration + 1, Direction::Up, next));
            let next_end = next.as_ref().and_then(|next| {
                let last = statements(next.2, set.dialect()).pop()?;
                (!sets(&last)).then_some((next, last.whole.end, "in the next migration"))
            });
            for (place, at, where_to) in [Some(behind), end, next_end].into_iter().flatten() {
                let text = inserted(place.2, at, statement);
                mutants.push(replace(class, *place, at..at, &text, what(where_to)));
            }
        }
    }
    mutants
}

/// A statement as it is inserted behind another one, which may lack its terminator.
fn inserted(script: &SetScript, at: usize, statement: &str) -> String {
    let terminated = script.text[..at].ends_with(';');
    format!("{}\n{statement};", if terminated { "" } else { ";" })
}

/// The first words of a statement on one line.
pub(super) fn shortened(statement: &str) -> String {
    let words: Vec<&str> = statement.split_whitespace().collect();
    let line = words.join(" ");
    match line.char_indices().nth(70) {
        Some((at, _)) => format!("{}…", &line[..at]),
        None => line,
    }
}
