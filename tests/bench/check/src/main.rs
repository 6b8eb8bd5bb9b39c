//! `bench-check [ROUNDS]`: how long checking takes, with how much memory, and how both grow with the
//! number of migrations. Prints a table in Markdown.
//!
//! `bench-check write DIALECT COUNT DIRECTORY` writes such a set, and `bench-check measure DIALECT
//! DIRECTORY` is one measurement, in a process of its own, so that its peak of memory is its own; it
//! prints milliseconds of CPU and of the clock, and KiB. With both, a profiler has something to look
//! at.

mod generate;

use std::fs;
use std::path::Path;
use std::process::{Command, ExitCode};
use std::time::Instant;

use migrate_core::Dialect;
use migrate_core::config::Config;

/// How many migrations a set has: for the time that is promised, and for how it grows.
const COUNTS: [usize; 2] = [1_000, 5_000];

const DIALECTS: [Dialect; 3] = [Dialect::Postgres, Dialect::Mysql, Dialect::Sqlite];

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    match arguments.as_slice() {
        ["measure", dialect, directory] => one(parse(dialect), Path::new(directory)),
        ["write", dialect, count, directory] => {
            let count = count.parse().expect("a number of migrations");
            generate::set(parse(dialect), count, Path::new(directory));
        }
        [rounds] => all(rounds.parse().expect("a number of rounds")),
        _ => all(5),
    }
    ExitCode::SUCCESS
}

fn all(rounds: usize) {
    println!("Medians of {rounds} rounds: CPU time / time, peak of memory.\n");
    println!("| | 1,000 migrations | 5,000 migrations | CPU ratio |");
    println!("|---|---|---|---|");
    for dialect in DIALECTS {
        let measured = COUNTS.map(|count| {
            let directory = tempfile::tempdir().expect("a directory");
            generate::set(dialect, count, directory.path());
            let mut samples: Vec<Sample> = (0..rounds)
                .map(|_| Sample::take(dialect, directory.path()))
                .collect();
            samples.sort_by(|a, b| a.cpu.total_cmp(&b.cpu));
            samples.swap_remove(rounds / 2)
        });
        let [small, large] = &measured;
        println!(
            "| {} | {small} | {large} | {:.1} |",
            dialect.name(),
            large.cpu / small.cpu
        );
    }
}

/// What one process measured.
struct Sample {
    cpu: f64,
    clock: f64,
    peak: u64,
}

impl Sample {
    fn take(dialect: Dialect, directory: &Path) -> Self {
        let program = std::env::current_exe().expect("this program");
        let output = Command::new(program)
            .args(["measure", dialect.name()])
            .arg(directory)
            .output()
            .expect("this program runs");
        let text = String::from_utf8_lossy(&output.stdout);
        let mut numbers = text.split_whitespace();
        let mut next = || numbers.next().expect("three numbers");
        Sample {
            cpu: next().parse().expect("a number"),
            clock: next().parse().expect("a number"),
            peak: next().parse().expect("a number"),
        }
    }
}

impl std::fmt::Display for Sample {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Sample { cpu, clock, peak } = self;
        write!(f, "{cpu:.0} / {clock:.0} ms, {} MiB", peak / 1024)
    }
}

fn parse(dialect: &str) -> Dialect {
    dialect.parse().expect("a dialect")
}

fn one(dialect: Dialect, directory: &Path) {
    let mut config = Config::defaults(directory).set(None).expect("a set");
    config.dialect = Some(dialect);
    let (begun, cpu) = (Instant::now(), cpu());
    let loaded = migrate_sql::check::load(&config).expect("the set loads");
    let (took, cpu) = (begun.elapsed(), self::cpu() - cpu);
    for finding in &loaded.diagnostics {
        if finding.level == migrate_core::Level::Error {
            panic!("the set has a fault: {finding:?}");
        }
    }
    println!("{cpu} {} {}", took.as_secs_f64() * 1_000.0, peak());
}

/// Milliseconds of CPU that the process and the threads that it had have used: fields 14 and 15 of
/// Linux's `/proc/self/stat`, in ticks of 10 ms.
fn cpu() -> f64 {
    let stat = fs::read_to_string("/proc/self/stat").expect("Linux");
    let (_, fields) = stat.rsplit_once(')').expect("the program's name");
    let ticks = fields.split_whitespace().skip(11).take(2);
    ticks
        .map(|it| it.parse::<f64>().expect("ticks") * 10.0)
        .sum()
}

/// The most KiB that were resident.
fn peak() -> u64 {
    let status = fs::read_to_string("/proc/self/status").expect("Linux");
    let line = status.lines().find(|line| line.starts_with("VmHWM:"));
    let words = line.and_then(|line| line.split_whitespace().nth(1));
    words.and_then(|it| it.parse().ok()).expect("the peak")
}
