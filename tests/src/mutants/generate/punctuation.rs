//! Marks that are missing.

use super::sites::{all, replace};
use crate::mutants::{Class, MutableSet, Mutant};

/// A mutant for each place where one of these marks stands, without it.
pub(super) fn without(set: &MutableSet, class: Class, marks: &[&str]) -> Vec<Mutant> {
    let mutants = all(set).flat_map(|(place, words)| {
        let at = (0..words.len()).filter(|i| marks.contains(&words.text(*i)));
        let mutants = at.map(|i| {
            let before = words.text(i.saturating_sub(1));
            let what = format!("`{before} {}` without its {class}", words.text(i));
            replace(class, place, words.range(i), "", what)
        });
        mutants.collect::<Vec<_>>()
    });
    mutants.collect()
}
