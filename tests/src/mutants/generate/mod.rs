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
