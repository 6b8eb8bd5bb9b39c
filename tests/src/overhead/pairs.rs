//! The same work done by two programs, again and again.

use super::clock::Cost;

/// What the same work took two programs, a pair a round.
#[derive(Debug)]
pub struct Pairs {
    what: String,
    target: &'static str,
    /// The database's own program first.
    rounds: Vec<[Cost; 2]>,
}

impl Pairs {
    /// The head of a table of [`line`](Pairs::line)s.
    pub const HEAD: &'static str = "| | its own program | migrate | ratio | by processor time | target |\n|---|---|---|---|---|---|";

    /// Measures both, in turn: whichever comes first in one round comes second in the next.
    pub(super) fn measure(
        what: String,
        target: &'static str,
        rounds: usize,
        mut native: impl FnMut() -> Cost,
        mut ours: impl FnMut() -> Cost,
    ) -> Self {
        let rounds = (0..rounds).map(|round| match round % 2 {
            0 => {
                let native = native();
                [native, ours()]
            }
            _ => {
                let ours = ours();
                [native(), ours]
            }
        });
        Pairs {
            what,
            target,
            rounds: rounds.collect(),
        }
    }

    /// A line of a table: medians of the times, and the median of the rounds' ratios.
    #[must_use]
    pub fn line(&self) -> String {
        let wall = |cost: &Cost| cost.wall.as_secs_f64();
        let processor = |cost: &Cost| cost.processor.as_secs_f64();
        let time = |at: usize| seconds(median(self.rounds.iter().map(|pair| wall(&pair[at]))));
        let ratio = |of: &dyn Fn(&Cost) -> f64| {
            median(
                self.rounds
                    .iter()
                    .map(|[native, ours]| of(ours) / of(native)),
            )
        };
        format!(
            "| {} | {} | {} | {:.2} | {:.2} | {} |",
            self.what,
            time(0),
            time(1),
            ratio(&wall),
            ratio(&processor),
            self.target
        )
    }
}

fn seconds(seconds: f64) -> String {
    match seconds < 1.0 {
        true => format!("{:.0} ms", seconds * 1000.0),
        false => format!("{seconds:.1} s"),
    }
}

/// The middle one, or the mean of the two in the middle.
pub(super) fn median(values: impl Iterator<Item = f64>) -> f64 {
    let mut values: Vec<f64> = values.collect();
    values.sort_by(f64::total_cmp);
    let middle = values.len() / 2;
    match values.len() % 2 {
        1 => values[middle],
        _ => (values[middle - 1] + values[middle]) / 2.0,
    }
}
