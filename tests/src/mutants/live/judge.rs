//! The judgement of a set's mutants, migration after migration.

use std::collections::BTreeMap;
use std::path::PathBuf;

use migrate_core::{Direction, Hasher};

use super::stage::{Stage, Trial};
use super::{Cache, stage};
use crate::mutants::{MutableSet, Mutant, SetScript};

/// To be raised when the same mutant may get another verdict from the same server.
const FORMAT: &str = "2";

/// What the database says of a mutant.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// Nothing is wrong.
    Holds,
    /// Nothing more is wrong than without the mistake, so that the mistake may be hidden.
    Hidden,
    /// A script fails, and what the database said.
    Rejected(String),
    /// The migration no longer leads back; what is missing (`-`) or left (`+`).
    NoWayBack(Vec<String>),
}

impl Verdict {
    /// Whether the mutant is broken.
    #[must_use]
    pub fn is_broken(&self) -> bool {
        matches!(self, Self::Rejected(_) | Self::NoWayBack(_))
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

    /// The scripts of the set as it is that fail, each where it stands: a way down right after its
    /// way up.
    ///
    /// # Panics
    /// Where an up script fails.
    pub fn failing_scripts(&mut self) -> Vec<PathBuf> {
        let mut failing = Vec::new();
        for (index, (_, down)) in self.set.migrations.iter().enumerate() {
            let verdict = self.ask(&format!("plain {index}"), index, |judge| {
                match judge.plain_trial(index).failure {
                    Some(failure) => Verdict::Rejected(failure.message),
                    None => Verdict::Holds,
                }
            });
            failing.extend(
                down.iter()
                    .filter(|_| verdict.is_broken())
                    .map(|down| down.path.clone()),
            );
        }
        failing
    }

    fn each(
        &mut self,
        mutants: &[&Mutant],
        question: &str,
        judge: impl Fn(&mut Self, &Mutant) -> Verdict,
    ) -> Vec<Verdict> {
        let mut verdicts = vec![None; mutants.len()];
        let mut order: Vec<usize> = (0..mutants.len()).collect();
        order.sort_by_key(|i| mutants[*i].order());
        for i in order {
            let mutant = mutants[i];
            let question = format!("{question} {}", mutant.digest());
            verdicts[i] = Some(self.ask(&question, mutant.first(), |this| judge(this, mutant)));
        }
        verdicts.into_iter().flatten().collect()
    }

    /// The answer to a question, from an earlier run or from the database with `index` migrations.
    fn ask(
        &mut self,
        question: &str,
        index: usize,
        judge: impl FnOnce(&mut Self) -> Verdict,
    ) -> Verdict {
        let key = format!("{question} {}", self.basis);
        if let Some(verdict) = self.cache.get(&key) {
            return verdict;
        }
        self.go_to(index);
        let verdict = judge(self);
        self.cache.keep(&key, &verdict);
        verdict
    }

    fn near(&mut self, mutant: &Mutant) -> Verdict {
        let (first, last) = (mutant.first(), mutant.last());
        let ups = self.ups(mutant, first, last);
        let down = mutant.script(self.set, last, Direction::Down);
        let trial = self.stage.attempt(&ups, down.as_ref());
        // Of two that changed places the first now stands last.
        let plain = self.plain_trial(first);
        match (trial.failure, plain.failure) {
            (Some(failure), plain) if failure.direction == Direction::Up || plain.is_none() => {
                Verdict::Rejected(format!("{}: {}", failure.direction, failure.message))
            }
            (None, None) if plain.difference.is_empty() && !trial.difference.is_empty() => {
                Verdict::NoWayBack(trial.difference)
            }
            (None, None) => Verdict::Holds,
            _ => Verdict::Hidden,
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

    /// What comes of a migration in its own place and without the mistake.
    fn plain_trial(&mut self, index: usize) -> Trial {
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

#[cfg(test)]
mod tests {
    use migrate_core::Dialect;

    use super::*;
    use crate::mutants::{Class, Edit};

    const SET: [(&str, &str); 3] = [
        (
            "CREATE TABLE a (x int); CREATE INDEX i ON a (x);",
            "DROP INDEX i; DROP TABLE a;",
        ),
        ("CREATE TABLE b (y int);", "DROP TABLE IF EXISTS b;"),
        ("CREATE INDEX j ON b (y);", "DROP INDEX missing;"),
    ];

    /// The verdict on the set with one script of it replaced.
    fn verdict(migration: usize, direction: Direction, with: &str) -> Verdict {
        let set = MutableSet::of(Dialect::Sqlite, &SET);
        let mutant = Mutant {
            class: Class::Keyword,
            edits: vec![Edit {
                migration,
                direction,
                range: 0..set.script(migration, direction).unwrap().text.len(),
                with: with.to_owned(),
            }],
            what: String::new(),
            line: 1,
        };
        let mut judge = Judge::new(&set, Cache::none()).unwrap();
        judge.verdicts(&[&mutant]).pop().unwrap()
    }

    #[test]
    fn what_fails_is_rejected() {
        let said = |verdict| match verdict {
            Verdict::Rejected(said) => said,
            other => panic!("{other:?}"),
        };
        let up = said(verdict(1, Direction::Up, "CREATE TABEL b (y int)"));
        assert!(up.starts_with("up: near \"TABEL\""), "{up}");
        let down = said(verdict(0, Direction::Down, "DROP INDEX i; DROP TABLE c"));
        assert_eq!(down, "down: no such table: c");
    }

    #[test]
    fn what_no_longer_leads_back() {
        let left = verdict(1, Direction::Down, "DROP TABLE IF EXISTS bb");
        assert_eq!(
            left,
            Verdict::NoWayBack(vec!["+ create table b y int ".to_owned()])
        );
    }

    #[test]
    fn what_changes_nothing_holds() {
        assert_eq!(verdict(0, Direction::Down, "DROP TABLE a"), Verdict::Holds);
        // Another migration breaks, which is not asked here.
        assert_eq!(
            verdict(1, Direction::Up, "CREATE TABLE b (z int)"),
            Verdict::Holds
        );
    }

    #[test]
    fn behind_what_is_broken_anyway_nothing_is_known() {
        assert_eq!(
            verdict(2, Direction::Down, "DROP INDEX mising"),
            Verdict::Hidden
        );
        let set = MutableSet::of(Dialect::Sqlite, &SET);
        let mut judge = Judge::new(&set, Cache::none()).unwrap();
        assert_eq!(judge.failing_scripts(), [PathBuf::from("2_m.down.sql")]);
    }

    #[test]
    fn later_migrations_are_asked_for_separately() {
        let set = MutableSet::of(Dialect::Sqlite, &SET);
        let mutant = Mutant {
            class: Class::Column,
            edits: vec![Edit {
                migration: 1,
                direction: Direction::Up,
                range: 0..SET[1].0.len(),
                with: "CREATE TABLE b (z int)".to_owned(),
            }],
            what: String::new(),
            line: 1,
        };
        let mut judge = Judge::new(&set, Cache::none()).unwrap();
        assert!(judge.later_verdicts(&[&mutant])[0].is_broken());
    }

    #[test]
    fn a_cache_answers_for_the_same_set_alone() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("cache.jsonl");
        let judge = |migrations: &[(&str, &str)]| {
            let set = MutableSet::of(Dialect::Sqlite, migrations);
            let mutants = crate::mutants::generate(&set, Class::LostDown);
            let mut judge = Judge::new(&set, Cache::open(&path)).unwrap();
            let verdicts = judge.verdicts(&mutants.iter().collect::<Vec<_>>());
            (verdicts, judge.applied)
        };
        let (first, applied) = judge(&SET);
        assert_eq!(applied, 2);
        assert_eq!(judge(&SET), (first, 0));
        let other = [SET[0], (SET[1].0, "DROP TABLE b;"), SET[2]];
        assert_eq!(judge(&other).1, 2);
    }
}
