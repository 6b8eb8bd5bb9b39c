//! The judgement of a set's mutants, migration after migration.

use std::collections::BTreeMap;

use migrate_core::{Direction, Hasher};

use super::stage::{Stage, Trial};
use super::{Cache, stage};
use crate::mutants::{MutableSet, Mutant, SetScript};

/// To be raised when the same mutant may get another verdict from the same server.
const FORMAT: &str = "1";

/// What the database says of a mutant.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// Nothing is wrong, or nothing more than without the mistake.
    Holds,
    /// A script fails, and what the database said.
    Rejected(String),
    /// The migration no longer leads back; what is missing (`-`) or left (`+`).
    NoWayBack(Vec<String>),
}

impl Verdict {
    /// Whether the mutant is broken.
    #[must_use]
    pub fn is_broken(&self) -> bool {
        *self != Self::Holds
    }
}

/// Judges the mutants of one set.
pub struct Judge<'a> {
    set: &'a MutableSet,
    cache: Cache,
    stage: Box<dyn Stage>,
    /// How many migrations the stage has.
    applied: usize,
    /// What came of each migration without a mistake.
    plain: BTreeMap<usize, Trial>,
    basis: String,
}

impl<'a> Judge<'a> {
    /// A judge of a set; `None`, said on stderr, where there is no server for it.
    #[must_use]
    pub fn new(set: &'a MutableSet, cache: Cache) -> Option<Self> {
        let mut stage = stage(set.dialect())?;
        let mut hasher = Hasher::new();
        for part in [FORMAT, &stage.server(), &set.digest()] {
            hasher.part(part.as_bytes());
        }
        Some(Self {
            set,
            cache,
            stage,
            applied: 0,
            plain: BTreeMap::new(),
            basis: hasher.checksum().to_string(),
        })
    }

    /// The verdicts on mutants, in their order.
    ///
    /// # Panics
    /// Where the set itself cannot be applied.
    pub fn verdicts(&mut self, mutants: &[&Mutant]) -> Vec<Verdict> {
        self.each(mutants, "near", |judge, mutant| judge.near(mutant))
    }

    /// Whether the up scripts of all migrations still run, for mutants that are not broken
    /// [by themselves](Judge::verdicts): a later migration may be what they break.
    ///
    /// # Panics
    /// Where the set itself cannot be applied.
    pub fn later_verdicts(&mut self, mutants: &[&Mutant]) -> Vec<Verdict> {
        self.each(mutants, "far", |judge, mutant| judge.far(mutant))
    }

    fn each(
        &mut self,
        mutants: &[&Mutant],
        question: &str,
        judge: impl Fn(&mut Self, &Mutant) -> Verdict,
    ) -> Vec<Verdict> {
        let mut verdicts = vec![None; mutants.len()];
        let mut order: Vec<usize> = (0..mutants.len()).collect();
        order.sort_by_key(|i| mutants[*i].first());
        for i in order {
            let mutant = mutants[i];
            let key = format!("{question} {} {}", self.basis, mutant.digest());
            let verdict = self.cache.get(&key).unwrap_or_else(|| {
                self.go_to(mutant.first());
                let verdict = judge(self, mutant);
                self.cache.keep(&key, &verdict);
                verdict
            });
            verdicts[i] = Some(verdict);
        }
        verdicts.into_iter().flatten().collect()
    }

    fn near(&mut self, mutant: &Mutant) -> Verdict {
        let (first, last) = (mutant.first(), mutant.last());
        let ups = self.ups(mutant, first, last);
        let down = mutant.script(self.set, last, Direction::Down);
        let trial = self.stage.attempt(&ups, down.as_ref());
        let plain = self.plain_trial(mutant);
        match (trial.failure, plain.failure) {
            (Some(failure), plain) if failure.direction == Direction::Up || plain.is_none() => {
                Verdict::Rejected(format!("{}: {}", failure.direction, failure.message))
            }
            (None, None) if plain.difference.is_empty() && !trial.difference.is_empty() => {
                Verdict::NoWayBack(trial.difference)
            }
            _ => Verdict::Holds,
        }
    }

    fn far(&mut self, mutant: &Mutant) -> Verdict {
        let ups = self.ups(mutant, mutant.first(), self.set.migrations.len() - 1);
        let trial = self.stage.attempt(&ups, None);
        match trial.failure {
            Some(failure) => Verdict::Rejected(failure.message),
            None => Verdict::Holds,
        }
    }

    fn ups(&self, mutant: &Mutant, first: usize, last: usize) -> Vec<SetScript> {
        (first..=last)
            .filter_map(|migration| mutant.script(self.set, migration, Direction::Up))
            .collect()
    }

    /// What comes of the migration whose way back is looked at, in its own place and without the
    /// mistake: of two that changed places the first now stands last.
    fn plain_trial(&mut self, mutant: &Mutant) -> Trial {
        let index = mutant.first();
        if let Some(trial) = self.plain.get(&index) {
            return trial.clone();
        }
        let (up, down) = &self.set.migrations[index];
        let trial = self.stage.attempt(std::slice::from_ref(up), down.as_ref());
        self.plain.insert(index, trial.clone());
        trial
    }

    /// Applies migrations until as many are as the index says; begins anew where there are more.
    fn go_to(&mut self, index: usize) {
        if index < self.applied {
            self.stage = stage(self.set.dialect()).expect("a server that was there before");
            self.applied = 0;
        }
        while self.applied < index {
            let (up, _) = &self.set.migrations[self.applied];
            if let Err(error) = self.stage.advance(up) {
                panic!("{}: {error}", up.path.display());
            }
            self.applied += 1;
        }
    }
}
