//! Mutation tests of the SQL checks over real migration sets, see `migrate_tests::mutants`.
//!
//! `mutants [--dialect NAME]... [--class NAME]... [--per-class COUNT] [--no-cache] [--missed]
//! [--missed-table FILE]`
//!
//! Ends with status 1 where a target is not reached. `--missed` lists every mutant that the checks do
//! not find, `--missed-table` writes their kinds as a table in Markdown.
#![allow(
    clippy::expect_used,
    clippy::panic,
    clippy::print_stderr,
    clippy::print_stdout,
    clippy::unwrap_used,
    reason = "a program for developers, which cannot go on where something is missing"
)]

use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Instant;

use migrate_core::Dialect;
use migrate_tests::mutants::{Class, Report, Run};

fn main() -> ExitCode {
    let options = options(std::env::args().skip(1));
    let started = Instant::now();
    let mut tell = |line: &str| eprintln!("{:4} s  {line}", started.elapsed().as_secs());
    let outcome = options.run.judge(&mut tell);
    tell("done");
    let report = Report::new(&outcome);
    println!("{report}");
    if options.missed {
        for missed in &report.missed {
            println!("{} {}: {}", missed.dialect, missed.class, missed.said);
            missed
                .places
                .iter()
                .for_each(|place| println!("    {place}"));
        }
    }
    let shortfalls = report.shortfalls();
    shortfalls.iter().for_each(|line| println!("{line}"));
    if let Some(path) = options.missed_table {
        let text = format!(
            "```\n{report}\n{}\n```\n\n{}",
            shortfalls.join("\n"),
            report.missed_table()
        );
        std::fs::write(path, text).expect("room for the table");
    }
    ExitCode::from(u8::from(!shortfalls.is_empty()))
}

struct Options {
    run: Run,
    missed: bool,
    missed_table: Option<PathBuf>,
}

fn options(mut arguments: impl Iterator<Item = String>) -> Options {
    let mut run = Run::default();
    let (mut missed, mut missed_table) = (false, None);
    let (mut dialects, mut classes) = (Vec::new(), Vec::new());
    while let Some(argument) = arguments.next() {
        let mut value = || {
            arguments
                .next()
                .unwrap_or_else(|| panic!("{argument} needs a value"))
        };
        match argument.as_str() {
            "--dialect" => dialects.push(value().parse::<Dialect>().expect("a dialect")),
            "--class" => {
                let name = value();
                classes.push(Class::named(&name).unwrap_or_else(|| panic!("no class '{name}'")));
            }
            "--per-class" => run.per_class = value().parse().expect("a number"),
            "--no-cache" => run.cache = None,
            "--missed" => missed = true,
            "--missed-table" => missed_table = Some(PathBuf::from(value())),
            other => panic!("unknown argument '{other}'"),
        }
    }
    if !dialects.is_empty() {
        run.dialects = dialects;
    }
    if !classes.is_empty() {
        run.classes = classes;
    }
    Options {
        run,
        missed,
        missed_table,
    }
}
