//! Text for people.

use std::time::Duration;

use migrate_core::plan::Standing;
use migrate_core::visible;

/// A duration, rounded to what matters.
pub(crate) fn duration(time: Duration) -> String {
    let seconds = time.as_secs();
    match seconds {
        0 => format!("{} ms", time.as_millis()),
        1..60 => format!("{:.1} s", time.as_secs_f64()),
        60..3600 => format!("{} min {} s", seconds / 60, seconds % 60),
        _ => format!("{} h {} min", seconds / 3600, seconds / 60 % 60),
    }
}

/// The first line of a statement that holds more than a comment, cut to a width that fits beside
/// other things.
pub(crate) fn first_line(sql: &str) -> String {
    const WIDTH: usize = 72;
    let line = sql
        .lines()
        .map(str::trim)
        .find(|line| !line.is_empty() && !line.starts_with("--"));
    let line = line.unwrap_or_default();
    if line.chars().count() <= WIDTH {
        return line.to_owned();
    }
    line.chars().take(WIDTH - 1).chain(['…']).collect()
}

/// `1 migration`, `2 migrations`: as many as there are, and the word.
pub(crate) fn counted(count: usize, word: &str) -> String {
    format!("{count} {word}{}", if count == 1 { "" } else { "s" })
}

/// What a version's standing is called, in tables and in JSON.
pub(crate) fn state(standing: Standing) -> &'static str {
    match standing {
        Standing::Pending => "pending",
        Standing::OutOfOrder => "out-of-order",
        Standing::Applied => "applied",
        Standing::Edited => "edited",
        Standing::Missing => "missing",
        Standing::Ahead => "ahead",
        Standing::Failed(_) => "failed",
        Standing::Unsure(_) => "unsure",
        _ => "unknown",
    }
}

/// Columns of equal width, two spaces between them, nothing at the ends of lines.
pub(crate) fn table<const N: usize>(head: [&str; N], rows: &[[String; N]]) -> String {
    let width = |text: &str| text.chars().count();
    let cells: Vec<[String; N]> = std::iter::once(head.map(str::to_owned))
        .chain(rows.iter().cloned())
        .map(|row| row.map(|cell| visible(&cell).into_owned()))
        .collect();
    let widths: [usize; N] =
        std::array::from_fn(|at| cells.iter().map(|row| width(&row[at])).max().unwrap_or(0));
    let mut text = String::new();
    for row in &cells {
        let mut line = String::new();
        for (cell, column) in row.iter().zip(widths) {
            line.push_str(cell);
            line.extend(std::iter::repeat_n(
                ' ',
                column.saturating_sub(width(cell)) + 2,
            ));
        }
        text.push_str(line.trim_end());
        text.push('\n');
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations() {
        for (millis, text) in [
            (0, "0 ms"),
            (999, "999 ms"),
            (1500, "1.5 s"),
            (61_000, "1 min 1 s"),
            (7_260_000, "2 h 1 min"),
        ] {
            assert_eq!(duration(Duration::from_millis(millis)), text);
        }
    }

    #[test]
    fn tables_line_up() {
        let rows = [
            ["1".to_owned(), "ä b".to_owned()],
            ["200".to_owned(), "c\nd".to_owned()],
        ];
        assert_eq!(
            table(["v", "name"], &rows),
            "v    name\n1    ä b\n200  c\\nd\n"
        );
    }

    #[test]
    fn long_statements_are_cut() {
        assert_eq!(
            first_line("-- why\n\n  CREATE TABLE a (\n id int)"),
            "CREATE TABLE a ("
        );
        assert_eq!(first_line(&"x".repeat(100)).chars().count(), 72);
    }
}
