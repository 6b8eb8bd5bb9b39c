use std::fmt;

use super::{Blocked, Case, Measured};

/// How well a rule foretells [`blocks_while_it_works`](super::Measurement::blocks_while_it_works).
///
/// Both are in per cent; where nothing is foretold, or nothing blocks, there is nothing wrong: 100.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Verdict {
    /// Cases that block and are foretold to.
    pub foretold: Vec<String>,
    /// Cases that block and are not foretold to.
    pub missed: Vec<String>,
    /// Cases that do not block and are foretold to.
    pub false_alarms: Vec<String>,
}

impl Verdict {
    /// How many of the alarms are right.
    #[must_use]
    pub fn precision(&self) -> f64 {
        share(self.foretold.len(), self.false_alarms.len())
    }

    /// How many of the cases that block are foretold.
    #[must_use]
    pub fn recall(&self) -> f64 {
        share(self.foretold.len(), self.missed.len())
    }
}

fn share(right: usize, wrong: usize) -> f64 {
    match right + wrong {
        0 => 100.0,
        // Counts of cases are far below what f64 holds exactly.
        all => 100.0 * right as f64 / all as f64,
    }
}

impl fmt::Display for Verdict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (precision, recall) = (self.precision(), self.recall());
        writeln!(f, "precision {precision:.1} %, recall {recall:.1} %")?;
        for name in &self.missed {
            writeln!(f, "  missed       {name}")?;
        }
        for name in &self.false_alarms {
            writeln!(f, "  false alarm  {name}")?;
        }
        Ok(())
    }
}

/// Asks about every case whether its migration blocks while it works, and compares the answers with
/// what was measured. Cases that the server refuses have no truth and are not asked about.
pub fn judge(
    cases: &[Case],
    measured: &Measured,
    mut blocks: impl FnMut(&Case) -> bool,
) -> Verdict {
    let mut verdict = Verdict::default();
    for case in cases {
        let Some(measurement) = measured.cases.get(&case.name) else {
            continue;
        };
        let (None, Some(truth)) = (&measurement.refused, measurement.blocks_while_it_works) else {
            continue;
        };
        let list = match (truth != Blocked::Nobody, blocks(case)) {
            (true, true) => &mut verdict.foretold,
            (true, false) => &mut verdict.missed,
            (false, true) => &mut verdict.false_alarms,
            (false, false) => continue,
        };
        list.push(case.name.clone());
    }
    verdict
}

#[cfg(test)]
mod tests {
    use super::super::Measurement;
    use super::*;

    fn case(name: &str) -> Case {
        Case {
            name: name.to_owned(),
            given: String::new(),
            rows: String::new(),
            when: String::new(),
        }
    }

    #[test]
    fn refused_cases_do_not_count() {
        let measured = |blocked, refused: Option<&str>| Measurement {
            blocks_while_it_works: Some(blocked),
            refused: refused.map(str::to_owned),
            ..Measurement::default()
        };
        let cases = ["a", "b", "c", "d", "refused", "not measured"].map(case);
        let measured = Measured {
            cases: [
                ("a", measured(Blocked::Writes, None)),
                ("b", measured(Blocked::ReadsAndWrites, None)),
                ("c", measured(Blocked::Nobody, None)),
                ("d", measured(Blocked::Nobody, None)),
                ("refused", measured(Blocked::Nobody, Some("42703"))),
            ]
            .map(|(name, measurement)| (name.to_owned(), measurement))
            .into(),
        };
        let verdict = judge(&cases, &measured, |case| {
            case.name != "b" && case.name != "d"
        });
        assert_eq!(verdict.foretold, ["a"]);
        assert_eq!(verdict.missed, ["b"]);
        assert_eq!(verdict.false_alarms, ["c"]);
        assert_eq!(
            verdict.to_string(),
            "precision 50.0 %, recall 50.0 %\n  missed       b\n  false alarm  c\n"
        );
        assert_eq!(Verdict::default().recall().to_string(), "100");
    }
}
