//! What came of a run, in figures.

use std::collections::BTreeMap;
use std::fmt;

use migrate_core::Dialect;

use super::live::Verdict;
use super::{Class, Finding, Judged, Outcome};

/// The share of broken mutants of a dialect that the checks have to find.
fn target(dialect: Dialect) -> f64 {
    match dialect {
        Dialect::Sqlite => 0.99,
        Dialect::Mysql => 0.85,
        _ => 0.95,
    }
}

/// The share in each class.
const CLASS_TARGET: f64 = 0.70;

/// The figures of a class or of a dialect.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Row {
    /// How many mutants there are.
    pub made: usize,
    /// How many of them the database finds broken.
    pub broken: usize,
    /// How many of these the checks find.
    pub caught: usize,
    /// How many of these with a warning alone.
    pub by_warning: usize,
    /// Errors of the checks that the database does not share.
    pub false_errors: usize,
}

impl Row {
    fn count<'a>(judged: impl Iterator<Item = &'a Judged>) -> Self {
        judged.fold(Self::default(), |mut row, mutant| {
            let broken = mutant.verdict.is_broken();
            let caught = broken && mutant.is_caught();
            row.made += 1;
            row.broken += usize::from(broken);
            row.caught += usize::from(caught);
            row.by_warning += usize::from(caught && !mutant.has_error());
            row.false_errors += usize::from(mutant.is_false_error());
            row
        })
    }

    /// The share of the broken mutants that is found; 1 where there is none.
    #[must_use]
    #[expect(
        clippy::cast_precision_loss,
        reason = "there are not that many mutants"
    )]
    pub fn share(&self) -> f64 {
        match self.broken {
            0 => 1.0,
            broken => self.caught as f64 / broken as f64,
        }
    }
}

/// Mutants of one kind that the checks do not find.
#[derive(Clone, Debug)]
pub struct Missed {
    /// The dialect.
    pub dialect: Dialect,
    /// The mistake.
    pub class: Class,
    /// What the database says, without names.
    pub said: String,
    /// Where, and what.
    pub places: Vec<String>,
}

/// The figures of a run.
#[derive(Clone, Debug)]
pub struct Report {
    /// A row for each dialect and class, those of a dialect followed by its sum.
    pub rows: Vec<(Dialect, Option<Class>, Row)>,
    /// What is not found, the most frequent first.
    pub missed: Vec<Missed>,
    /// Errors where the database finds nothing: the mistake and what was found.
    pub false_errors: Vec<(String, Finding)>,
}

impl Report {
    /// The figures of a run.
    #[must_use]
    pub fn new(outcome: &Outcome) -> Self {
        let judged = &outcome.judged;
        let mut rows = Vec::new();
        for dialect in Dialect::ALL {
            let of = judged.iter().filter(|mutant| mutant.dialect == dialect);
            if of.clone().next().is_none() {
                continue;
            }
            for class in Class::ALL {
                let of = of.clone().filter(|mutant| mutant.class == class);
                if of.clone().next().is_some() {
                    rows.push((dialect, Some(class), Row::count(of)));
                }
            }
            rows.push((dialect, None, Row::count(of)));
        }
        let plain = outcome.false_errors.iter();
        let plain = plain.map(|finding| ("the set as it is".to_owned(), finding.clone()));
        let mutants = judged.iter().filter(|mutant| mutant.is_false_error());
        let mutants = mutants.filter_map(|mutant| {
            let error = mutant.findings.iter().max_by_key(|finding| finding.level)?;
            Some((mutant.place.clone(), error.clone()))
        });
        Self {
            rows,
            missed: missed(judged),
            false_errors: plain.chain(mutants).collect(),
        }
    }

    /// What is below its target, a line each.
    #[must_use]
    pub fn shortfalls(&self) -> Vec<String> {
        self.shortfalls_of(1)
    }

    /// As [`shortfalls`](Report::shortfalls), without the classes of which so few are broken that
    /// their share says nothing.
    #[must_use]
    pub fn shortfalls_of(&self, broken: usize) -> Vec<String> {
        let mut lines = Vec::new();
        for (dialect, class, row) in &self.rows {
            let (name, target) = match class {
                Some(class) => (class.name(), CLASS_TARGET),
                None => ("in all", target(*dialect)),
            };
            let counts = class.is_none() || row.broken >= broken;
            if counts && row.share() < target {
                let (share, target) = (100.0 * row.share(), 100.0 * target);
                lines.push(format!(
                    "{dialect} {name}: {share:.1} % are found, not {target:.0} %"
                ));
            }
        }
        for (place, finding) in &self.false_errors {
            let Finding {
                rule,
                path,
                message,
                ..
            } = finding;
            lines.push(format!("false error: {place}: {rule} in {path}: {message}"));
        }
        lines
    }

    /// What is not found, as a table in Markdown.
    #[must_use]
    pub fn missed_table(&self) -> String {
        let mut table = String::from(
            "| dialect | class | missed | the database says | for example |\n|---|---|---:|---|---|\n",
        );
        for missed in &self.missed {
            let examples: Vec<String> = (missed.places.iter().take(2))
                .map(|place| place.replace('|', "\\|"))
                .collect();
            table.push_str(&format!(
                "| {} | {} | {} | {} | {} |\n",
                missed.dialect,
                missed.class,
                missed.places.len(),
                missed.said.replace('|', "\\|"),
                examples.join(" · "),
            ));
        }
        table
    }
}

fn missed(judged: &[Judged]) -> Vec<Missed> {
    let mut groups: BTreeMap<(Dialect, Class, String), Vec<String>> = BTreeMap::new();
    for mutant in judged
        .iter()
        .filter(|m| m.verdict.is_broken() && !m.is_caught())
    {
        let key = (mutant.dialect, mutant.class, said(&mutant.verdict));
        groups.entry(key).or_default().push(mutant.place.clone());
    }
    let mut missed: Vec<Missed> = (groups.into_iter())
        .map(|((dialect, class, said), places)| Missed {
            dialect,
            class,
            said,
            places,
        })
        .collect();
    missed.sort_by_key(|missed| (missed.dialect, std::cmp::Reverse(missed.places.len())));
    missed
}

/// What the database says, short and without names and numbers.
fn said(verdict: &Verdict) -> String {
    match verdict {
        Verdict::Rejected(message) => nameless(message),
        Verdict::NoWayBack(lines) => {
            let kinds = lines.iter().map(|line| {
                let words: Vec<&str> = line.split_whitespace().take(2).collect();
                words.join(" ")
            });
            let mut kinds: Vec<String> = kinds.collect();
            kinds.dedup();
            kinds.truncate(4);
            format!("no way back: {}", kinds.join(", "))
        }
        Verdict::Holds | Verdict::Hidden => String::new(),
    }
}

fn nameless(message: &str) -> String {
    let mut text = String::new();
    let mut quote = None;
    for letter in message.chars() {
        match quote {
            Some(end) if letter == end => {
                quote = None;
                text.push('…');
            }
            Some(_) => {}
            // Not the one of `doesn't`.
            None if letter == '\'' && text.ends_with(char::is_alphanumeric) => text.push(letter),
            None if ['"', '`', '\''].contains(&letter) => quote = Some(letter),
            None if letter.is_ascii_digit() => {}
            None if letter == '\n' => break,
            None => text.push(letter),
        }
    }
    text.chars().take(90).collect()
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(
            f,
            "{:8} {:13} {:>5} {:>6} {:>6} {:>7} {:>11} {:>12}",
            "dialect", "class", "made", "broken", "found", "share", "by warning", "false errors"
        )?;
        for (dialect, class, row) in &self.rows {
            let class = class.map_or("in all", Class::name);
            writeln!(
                f,
                "{:8} {class:13} {:5} {:6} {:6} {:5.1} % {:11} {:12}",
                dialect.name(),
                row.made,
                row.broken,
                row.caught,
                100.0 * row.share(),
                row.by_warning,
                row.false_errors
            )?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn messages_lose_names_and_numbers() {
        assert_eq!(
            nameless("Can't DROP 'a.b'; line 12 doesn't"),
            "Can't DROP …; line  doesn't"
        );
        assert_eq!(
            nameless("relation \"x\" is missing\nDETAIL"),
            "relation … is missing"
        );
    }

    #[test]
    fn shares() {
        assert!((Row::default().share() - 1.0).abs() < f64::EPSILON);
        let row = Row {
            broken: 4,
            caught: 3,
            ..Row::default()
        };
        assert!((row.share() - 0.75).abs() < f64::EPSILON);
    }
}
