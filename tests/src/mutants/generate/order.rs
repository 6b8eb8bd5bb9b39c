//! Migrations in each other's place, and statements that are missing on the way down.

use migrate_core::Direction;

use super::repeat::shortened;
use super::sites::{replace, statements};
use crate::mutants::{Class, Edit, MutableSet, Mutant};

/// How far apart two migrations are that change places: what two branches that are merged in the
/// wrong order do.
const FARTHEST: usize = 20;

/// A mutant for each two migrations near each other.
pub(super) fn swaps(set: &MutableSet) -> Vec<Mutant> {
    let count = set.migrations.len();
    let pairs = (0..count).flat_map(|a| (a + 1..count.min(a + 1 + FARTHEST)).map(move |b| (a, b)));
    pairs.filter_map(|(a, b)| swap(set, a, b)).collect()
}

fn swap(set: &MutableSet, a: usize, b: usize) -> Option<Mutant> {
    let mut edits = Vec::new();
    for (to, from) in [(a, b), (b, a)] {
        for direction in [Direction::Up, Direction::Down] {
            match (set.script(to, direction), set.script(from, direction)) {
                // What a script says about its transaction may stand in a file beside it.
                (Some(here), Some(script)) if here.transaction == script.transaction => {
                    edits.push(Edit {
                        migration: to,
                        direction,
                        range: 0..here.text.len(),
                        with: script.text.clone(),
                    });
                }
                (None, None) => {}
                _ => return None,
            }
        }
    }
    let path = &set.script(b, Direction::Up)?.path;
    Some(Mutant {
        class: Class::Swap,
        edits,
        what: format!("in the place of {}", path.display()),
        line: 1,
    })
}

/// A mutant for each statement of a down script, without it.
pub(super) fn lost_downs(set: &MutableSet) -> Vec<Mutant> {
    let downs = set.scripts().filter(|place| place.1 == Direction::Down);
    let mutants = downs.flat_map(|place| {
        let lost = statements(place.2, set.dialect()).into_iter().map(|words| {
            let what = format!("without `{}`", shortened(&place.2.text[words.span.clone()]));
            replace(Class::LostDown, place, words.whole, "", what)
        });
        lost.collect::<Vec<_>>()
    });
    mutants.collect()
}
