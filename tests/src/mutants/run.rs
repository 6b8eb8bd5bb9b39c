//! A whole run: which mutants, and what became of them.

use std::path::{Path, PathBuf};

use migrate_core::Dialect;

use super::live::{Cache, Judge, Verdict};
use super::{Class, MutableSet, Mutant, SetSource, generate};

/// What to run.
#[derive(Clone, Debug)]
pub struct Run {
    /// The dialects.
    pub dialects: Vec<Dialect>,
    /// The classes.
    pub classes: Vec<Class>,
    /// How many mutants a class of a dialect has at most.
    pub per_class: usize,
    /// Where verdicts are kept; nowhere where there is none.
    pub cache: Option<PathBuf>,
}

impl Default for Run {
    fn default() -> Self {
        Self {
            dialects: Dialect::ALL.to_vec(),
            classes: Class::ALL.to_vec(),
            per_class: 300,
            cache: Some(cache_folder()),
        }
    }
}

/// A folder beside what is built.
fn cache_folder() -> PathBuf {
    let target = std::env::var_os("CARGO_TARGET_DIR").map_or_else(
        || Path::new(env!("CARGO_MANIFEST_DIR")).join("../target"),
        PathBuf::from,
    );
    target.join("mutants")
}

/// A mutant that was judged.
#[derive(Clone, Debug)]
pub struct Judged {
    /// The dialect.
    pub dialect: Dialect,
    /// The mutant.
    pub mutant: Mutant,
    /// Where it is.
    pub place: String,
    /// What the database says.
    pub verdict: Verdict,
}

impl Run {
    /// Runs it, and tells how far it is.
    pub fn judge(&self, tell: &mut dyn FnMut(&str)) -> Vec<Judged> {
        let mut judged = Vec::new();
        for dialect in &self.dialects {
            for (set, mutants) in self.mutants(*dialect) {
                tell(&format!("{}: {} mutants", set.source.folder, mutants.len()));
                let cache = match &self.cache {
                    Some(folder) => Cache::open(&folder.join(format!("{dialect}.jsonl"))),
                    None => Cache::none(),
                };
                let Some(mut judge) = Judge::new(&set, cache) else {
                    continue;
                };
                let verdicts = judge.verdicts(&mutants.iter().collect::<Vec<_>>());
                judged.extend(
                    mutants
                        .into_iter()
                        .zip(verdicts)
                        .map(|(mutant, verdict)| Judged {
                            dialect: *dialect,
                            place: format!("{}/{}", set.source.folder, mutant.place(&set)),
                            mutant,
                            verdict,
                        }),
                );
            }
        }
        judged
    }

    /// The mutants of a dialect's sets.
    fn mutants(&self, dialect: Dialect) -> Vec<(MutableSet, Vec<Mutant>)> {
        let sources = SetSource::ALL
            .iter()
            .filter(|source| source.dialect == dialect);
        let sets = sources.filter_map(SetSource::read);
        let mut sets: Vec<(MutableSet, Vec<Mutant>)> = sets.map(|set| (set, Vec::new())).collect();
        for class in &self.classes {
            let mut made: Vec<_> = (sets.iter_mut())
                .map(|(set, mutants)| (generate(set, *class), mutants))
                .collect();
            // The sets share the number equally; what one lacks, others give.
            made.sort_by_key(|(here, _)| here.len());
            let mut left = self.per_class;
            let count = made.len();
            for (place, (mut here, mutants)) in made.into_iter().enumerate() {
                here.truncate(left.div_ceil(count - place));
                left -= here.len();
                mutants.append(&mut here);
            }
        }
        sets
    }
}
