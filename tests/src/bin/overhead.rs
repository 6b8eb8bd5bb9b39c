//! Measures what the safe run costs beyond the databases' own programs: see `tests/bench/README.md`.
//!
//! `overhead [ROUNDS] [PART]...`, in a release build. Parts are backup, apply and digest; all where none
//! is named. `tests/run --servers --` starts the servers.
#![allow(
    clippy::print_stdout,
    clippy::panic,
    reason = "a program for a terminal"
)]

use std::process::ExitCode;

use migrate_tests::overhead::{AS_COMMAND, Pairs, apply, backup, digest};
use migrate_tests::server;

const PARTS: [&str; 3] = ["backup", "apply", "digest"];

fn main() -> ExitCode {
    if std::env::var_os(AS_COMMAND).is_some() {
        return migrate_cli::main();
    }
    let (mut rounds, mut parts) = (5, Vec::new());
    for argument in std::env::args().skip(1) {
        match argument.parse() {
            Ok(number) => rounds = number,
            Err(_) => parts.push(argument),
        }
    }
    for part in &parts {
        assert!(PARTS.contains(&part.as_str()), "no part '{part}'");
    }
    let wanted = |part: &str| parts.is_empty() || parts.iter().any(|it| it == part);
    println!("Medians of {rounds} rounds; in each, one ran right after the other.\n");
    if wanted("backup") || wanted("apply") {
        println!("{}", Pairs::HEAD);
        for server in server::all() {
            if wanted("backup") {
                backup::measure(&server, rounds).iter().for_each(show);
            }
            if wanted("apply") {
                apply::measure(&server, rounds).iter().for_each(show);
            }
        }
    }
    if wanted("digest") {
        println!("\n{}", digest::HEAD);
        for server in server::all() {
            println!("{}", digest::measure(&server, rounds));
        }
    }
    ExitCode::SUCCESS
}

fn show(pairs: &Pairs) {
    println!("{}", pairs.line());
}
