//! A picture of what happened when.

use super::State;

/// Lanes with bars over one axis of time.
#[derive(Clone, Debug, PartialEq)]
pub struct Timeline {
    /// What it shows.
    pub title: String,
    /// How long the axis is, in seconds.
    pub seconds: f64,
    /// From top to bottom.
    pub lanes: Vec<Lane>,
}

/// One line of a time line.
#[derive(Clone, Debug, PartialEq)]
pub struct Lane {
    /// Whose line it is.
    pub label: String,
    /// What stands at its end, as how long it took.
    pub note: String,
    /// In the order of time.
    pub bars: Vec<Bar>,
}

/// One stretch of time.
#[derive(Clone, Debug, PartialEq)]
pub struct Bar {
    /// Its beginning, in seconds from the axis's.
    pub from: f64,
    /// Its end.
    pub to: f64,
    /// What it is.
    pub kind: BarKind,
    /// What it is in words, for whoever points at it.
    pub title: String,
}

/// What a stretch of time was spent on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum BarKind {
    /// Work, which ended as the state says.
    Work(State),
    /// Waiting for a lock.
    Wait,
    /// A pause that the run made, as for a replica to catch up.
    Pause,
}

impl Timeline {
    /// The share of the axis that lies before a time, from 0 to 1.
    pub(crate) fn share(&self, seconds: f64) -> f64 {
        match self.seconds > 0.0 {
            true => (seconds / self.seconds).clamp(0.0, 1.0),
            false => 0.0,
        }
    }

    /// Times to mark on the axis: at most seven, at round distances.
    pub(crate) fn ticks(&self) -> Vec<f64> {
        const STEPS: [f64; 20] = [
            0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1.0, 2.0, 5.0, 10.0, 20.0, 30.0,
            60.0, 120.0, 300.0, 600.0, 1800.0,
        ];
        if self.seconds <= 0.0 {
            return vec![0.0];
        }
        let fits = |step: &f64| self.seconds / step <= 6.0;
        let step = STEPS.into_iter().find(fits).unwrap_or_else(|| {
            let hours = (self.seconds / 3600.0 / 6.0).ceil();
            hours * 3600.0
        });
        (0..=6_u8)
            .map(|n| f64::from(n) * step)
            .take_while(|at| *at <= self.seconds)
            .collect()
    }

    /// The kinds of bars that there are, for the legend.
    pub(crate) fn kinds(&self) -> Vec<BarKind> {
        let mut kinds: Vec<BarKind> = self
            .lanes
            .iter()
            .flat_map(|lane| lane.bars.iter().map(|bar| bar.kind))
            .collect();
        kinds.sort_unstable();
        kinds.dedup();
        kinds
    }
}

impl BarKind {
    /// What the legend says.
    pub(crate) fn label(self) -> &'static str {
        match self {
            BarKind::Work(State::Good) => "done",
            BarKind::Work(State::Attention) => "done, with something to look at",
            BarKind::Work(State::Bad) => "failed",
            BarKind::Work(State::NotChecked) => "outcome not known",
            BarKind::Work(State::Estimated) => "estimated",
            BarKind::Work(State::Neutral) => "work",
            BarKind::Wait => "waiting for a lock",
            BarKind::Pause => "pause",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ticks_are_few_and_within() {
        for seconds in [0.0, 0.0004, 0.013, 1.0, 59.0, 3599.0, 86_400.0, 5e6] {
            let line = Timeline {
                title: String::new(),
                seconds,
                lanes: Vec::new(),
            };
            let ticks = line.ticks();
            assert!((1..=7).contains(&ticks.len()), "{seconds}: {ticks:?}");
            assert!(ticks.iter().all(|tick| *tick <= seconds), "{seconds}");
        }
    }
}
