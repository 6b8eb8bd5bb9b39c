//! A whole run: which mutants, and what became of them.

use std::path::{Path, PathBuf};

use migrate_core::{Dialect, Level};

use super::live::{Cache, Judge, Verdict};
use super::{Checker, Class, Finding, MutableSet, Mutant, SetSource, generate};

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
    /// The mistake.
    pub class: Class,
    /// Where it is, and what.
    pub place: String,
    /// What the database says.
    pub verdict: Verdict,
    /// What the checks say.
    pub findings: Vec<Finding>,
    /// Whether the database says of the whole set that it still runs; asked where the checks find an
    /// error that the database did not find.
    pub runs_to_the_end: bool,
}

impl Judged {
    /// Whether the checks find what is wrong: an error, or where the migration no longer leads back
    /// and where a way down lacks a statement, a warning that says so. That a way down has become
    /// empty says so too.
    #[must_use]
    pub fn is_caught(&self) -> bool {
        let lost = self.class == Class::LostDown;
        let no_way_back = lost || matches!(self.verdict, Verdict::NoWayBack(_));
        self.has_error()
            || (no_way_back && self.has(Finding::is_about_the_way_back))
            || (lost && self.has(Finding::is_about_emptiness))
    }

    /// Whether an error was found.
    #[must_use]
    pub fn has_error(&self) -> bool {
        self.has(|finding| finding.level == Level::Error)
    }

    fn has(&self, kind: impl Fn(&Finding) -> bool) -> bool {
        self.findings.iter().any(kind)
    }

    /// Whether the checks find an error where the database finds nothing, then or later.
    #[must_use]
    pub fn is_false_error(&self) -> bool {
        self.has_error() && self.verdict == Verdict::Holds && self.runs_to_the_end
    }
}

/// What came of a run.
#[derive(Clone, Debug, Default)]
pub struct Outcome {
    /// Every mutant.
    pub judged: Vec<Judged>,
    /// Errors in the sets as they are, in scripts that the database runs.
    pub false_errors: Vec<Finding>,
}

impl Run {
    /// Runs it, and tells how far it is.
    pub fn judge(&self, tell: &mut dyn FnMut(&str)) -> Outcome {
        let mut outcome = Outcome::default();
        for dialect in &self.dialects {
            for (set, mutants) in self.mutants(*dialect) {
                let folder = set.source.folder;
                tell(&format!("{folder}: {} mutants", mutants.len()));
                let cache = match &self.cache {
                    Some(folder) => Cache::open(&folder.join(format!("{dialect}.jsonl"))),
                    None => Cache::none(),
                };
                if let Some(mut judge) = Judge::new(&set, cache) {
                    self.set(&set, &mutants, &mut judge, tell, &mut outcome);
                }
            }
        }
        outcome
    }

    fn set(
        &self,
        set: &MutableSet,
        mutants: &[Mutant],
        judge: &mut Judge<'_>,
        tell: &mut dyn FnMut(&str),
        outcome: &mut Outcome,
    ) {
        let verdicts = judge.verdicts(&mutants.iter().collect::<Vec<_>>());
        tell("  judged by the database");
        let (findings, plain) = check(set, mutants);
        tell("  checked");
        let failing = judge.failing_scripts();
        let fails =
            |finding: &Finding| failing.iter().any(|path| *path == Path::new(&finding.path));
        let errors = plain
            .into_iter()
            .filter(|finding| finding.level == Level::Error);
        outcome
            .false_errors
            .extend(errors.filter(|error| !fails(error)));

        let start = outcome.judged.len();
        for ((mutant, verdict), findings) in mutants.iter().zip(verdicts).zip(findings) {
            outcome.judged.push(Judged {
                dialect: set.dialect(),
                class: mutant.class,
                place: format!(
                    "{}/{} {}",
                    set.source.folder,
                    mutant.place(set),
                    mutant.what
                ),
                verdict,
                findings,
                runs_to_the_end: true,
            });
        }
        let doubtful = |judged: &&mut Judged| judged.is_false_error();
        let here = &mut outcome.judged[start..];
        let places: Vec<usize> = (0..here.len())
            .filter(|i| doubtful(&&mut here[*i]))
            .collect();
        let asked: Vec<&Mutant> = places.iter().map(|i| &mutants[*i]).collect();
        for (place, verdict) in places.into_iter().zip(judge.later_verdicts(&asked)) {
            here[place].runs_to_the_end = !verdict.is_broken();
        }
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

/// What the checks find in each mutant, and in the set as it is; on all processors.
fn check(set: &MutableSet, mutants: &[Mutant]) -> (Vec<Vec<Finding>>, Vec<Finding>) {
    let workers = std::thread::available_parallelism().map_or(1, usize::from);
    let part = mutants.len().div_ceil(workers).max(1);
    let plain = Checker::new(set).plain().cloned().collect();
    let findings = std::thread::scope(|scope| {
        let parts = mutants.chunks(part).map(|part| {
            scope.spawn(move || {
                let checker = Checker::new(set);
                part.iter()
                    .map(|mutant| checker.findings(mutant))
                    .collect::<Vec<_>>()
            })
        });
        let parts: Vec<_> = parts.collect();
        let found = parts
            .into_iter()
            .flat_map(|part| part.join().expect("the checks do not panic"));
        found.collect()
    });
    (findings, plain)
}
