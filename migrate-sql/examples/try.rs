//! Scratch: checks a directory and prints what is found.
#![allow(clippy::print_stdout, clippy::unwrap_used)]
use migrate_core::directory::{self, ReadOptions};
use migrate_core::{Color, Level, render};
fn main() {
    let mut args = std::env::args().skip(1);
    let dir = args.next().unwrap();
    let dialect: migrate_core::Dialect = args.next().unwrap().parse().unwrap();
    let min = match args.next().as_deref() {
        Some("info") => Level::Info,
        Some("warning") => Level::Warning,
        _ => Level::Error,
    };
    let mut options = ReadOptions::new(dialect);
    options.sql = Some(&migrate_sql::check::Checks);
    let t = std::time::Instant::now();
    let reading = directory::read(std::path::Path::new(&dir), &options);
    let t = t.elapsed();
    for d in reading
        .diagnostics
        .iter()
        .filter(|d| d.level >= min && d.rule.code != "empty-script")
    {
        println!("{}\n", render(d, Color::Never));
    }
    let mut by = std::collections::BTreeMap::new();
    for d in &reading.diagnostics {
        *by.entry(d.rule.code).or_insert(0) += 1;
    }
    println!("{} migrations {t:?} {by:?}", reading.set.migrations().len());
}
