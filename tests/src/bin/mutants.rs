//! Mutation tests of the SQL checks over real migration sets, see `migrate_tests::mutants`.
//!
//! `mutants [--dialect NAME]... [--class NAME]... [--per-class COUNT] [--no-cache]`
#![allow(
    clippy::expect_used,
    clippy::panic,
    clippy::print_stderr,
    clippy::print_stdout,
    clippy::unwrap_used,
    reason = "a program for developers, which cannot go on where something is missing"
)]

use std::time::Instant;

use migrate_core::Dialect;
use migrate_tests::mutants::{Class, Run};

fn main() {
    let run = options(std::env::args().skip(1));
    let started = Instant::now();
    let judged = run.judge(&mut |line| eprintln!("{:4} s  {line}", started.elapsed().as_secs()));
    for dialect in &run.dialects {
        for class in &run.classes {
            let of = judged
                .iter()
                .filter(|j| j.dialect == *dialect && j.mutant.class == *class);
            let broken = of.clone().filter(|j| j.verdict.is_broken()).count();
            println!("{dialect:8} {class:13} {:5} {broken:5}", of.count());
        }
    }
    eprintln!("{:4} s  done", started.elapsed().as_secs());
}

fn options(mut arguments: impl Iterator<Item = String>) -> Run {
    let mut run = Run::default();
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
            other => panic!("unknown argument '{other}'"),
        }
    }
    if !dialects.is_empty() {
        run.dialects = dialects;
    }
    if !classes.is_empty() {
        run.classes = classes;
    }
    run
}
