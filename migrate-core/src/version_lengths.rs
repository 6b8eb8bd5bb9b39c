//! Versions that are dates of different lengths: their order as numbers is not that of the dates.

use crate::diagnostic::Diagnostic;
use crate::migration::Migration;
use crate::rule;

/// The fewest digits of a version that is a date: year, month and day.
const DATE_DIGITS: usize = 8;

/// A finding for each length of dates that follows a shorter one. Numbers in sequence before or after
/// dates are no mistake, nor are numbers of different lengths.
pub(crate) fn find(migrations: &[Migration]) -> Vec<Diagnostic> {
    let mut dates: Vec<&Migration> = migrations.iter().filter(|m| is_date(m)).collect();
    dates.sort_by(|a, b| a.version.cmp(&b.version));
    dates
        .windows(2)
        .filter_map(|pair| match pair {
            [short, long] if digits(short) != digits(long) => Some(finding(short, long)),
            _ => None,
        })
        .collect()
}

fn finding(short: &Migration, long: &Migration) -> Diagnostic {
    let (few, many) = (digits(short), digits(long));
    Diagnostic::new(
        &rule::MIXED_VERSION_LENGTHS,
        format!("`{short}` and `{long}` are dates of {few} and {many} digits"),
    )
    .at_path(long.up.path.as_ref())
    .note(format!(
        "versions are ordered as numbers: all of {few} digits come before all of {many}, whatever their dates"
    ))
    .help("give new migrations versions with as many digits as the newest has")
}

fn digits(migration: &Migration) -> usize {
    migration.version.as_str().len()
}

fn is_date(migration: &Migration) -> bool {
    let text = migration.version.as_str();
    let part = |at: usize| {
        text.get(at..at + 2)
            .and_then(|part| part.parse::<u8>().ok())
    };
    text.len() >= DATE_DIGITS
        && matches!(part(0), Some(19..=21))
        && matches!(part(4), Some(1..=12))
        && matches!(part(6), Some(1..=31))
}
