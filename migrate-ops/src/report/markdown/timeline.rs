//! A time line in letters.

use super::super::figure;
use super::super::view::{BarKind, State, Timeline};

/// How many letters the whole time is.
const WIDTH: usize = 48;
/// How many letters a label may have.
const LABEL: usize = 34;

/// Lanes of equal width, for a font of equal widths.
pub(super) fn timeline(line: &Timeline) -> String {
    let label = |text: &str| -> String {
        let text = migrate_core::visible(text);
        match text.chars().count() {
            ..=LABEL => text.into_owned(),
            _ => text.chars().take(LABEL - 1).chain(['…']).collect(),
        }
    };
    let width = line
        .lanes
        .iter()
        .map(|lane| label(&lane.label).chars().count())
        .max()
        .unwrap_or(0);
    let mut text = String::new();
    for lane in &line.lanes {
        let mut letters = ['·'; WIDTH];
        for bar in &lane.bars {
            let from = column(line.share(bar.from)).min(WIDTH - 1);
            let to = column(line.share(bar.to)).clamp(from + 1, WIDTH);
            if let Some(part) = letters.get_mut(from..to) {
                part.fill(letter(bar.kind));
            }
        }
        let label = label(&lane.label);
        let gap = " ".repeat(width - label.chars().count());
        let bars: String = letters.iter().collect();
        text.push_str(&format!("{label}{gap} |{bars}| {}\n", lane.note));
    }
    let gap = " ".repeat(width);
    let end = figure::duration(line.seconds);
    let legend: Vec<String> = line
        .kinds()
        .into_iter()
        .map(|kind| format!("{} {}", letter(kind), kind.label()))
        .collect();
    text.push_str(&format!("{gap} 0{:>WIDTH$}\n{}\n", end, legend.join(", ")));
    text
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    clippy::cast_precision_loss,
    reason = "a share from 0 to 1 of a small number"
)]
fn column(share: f64) -> usize {
    (share * WIDTH as f64).round() as usize
}

fn letter(kind: BarKind) -> char {
    match kind {
        BarKind::Work(State::Bad) => 'X',
        BarKind::Work(State::Attention) => '▓',
        BarKind::Work(State::NotChecked | State::Estimated) => '?',
        BarKind::Work(State::Good | State::Neutral) => '█',
        BarKind::Wait => '░',
        BarKind::Pause => '-',
    }
}

#[cfg(test)]
mod tests {
    use super::super::super::view::{Bar, Lane};
    use super::*;

    #[test]
    fn lanes_line_up() {
        let bar = |from, to, kind| Bar {
            from,
            to,
            kind,
            title: String::new(),
        };
        let lane = |label: &str, bars| Lane {
            label: label.to_owned(),
            note: "1 s".to_owned(),
            bars,
        };
        let good = BarKind::Work(State::Good);
        let line = Timeline {
            title: String::new(),
            seconds: 4.0,
            lanes: vec![
                lane("a", vec![bar(0.0, 1.0, good), bar(1.0, 2.0, BarKind::Wait)]),
                lane("länger", vec![bar(4.0, 4.0, BarKind::Work(State::Bad))]),
            ],
        };
        let text = timeline(&line);
        let lines: Vec<&str> = text.lines().collect();
        assert_eq!(
            lines[0],
            format!(
                "a      |{}{}{}| 1 s",
                "█".repeat(12),
                "░".repeat(12),
                "·".repeat(24)
            )
        );
        assert_eq!(lines[1], format!("länger |{}X| 1 s", "·".repeat(47)));
        assert_eq!(lines[3], "█ done, X failed, ░ waiting for a lock");
    }
}
