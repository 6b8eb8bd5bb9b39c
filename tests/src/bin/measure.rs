//! Measures what the cases in `tests/measure` do, and writes it down beside them.
//!
//! `measure [postgres] [mysql] [sqlite]`: all where none is named. `tests/run --servers --` starts
//! the servers.
#![allow(
    clippy::print_stdout,
    clippy::panic,
    reason = "a program for a terminal"
)]

use std::fs;

use migrate_core::Dialect;
use migrate_tests::measure::{Measured, mysql, path, postgres, sqlite};
use migrate_tests::server;

fn main() {
    let named: Vec<String> = std::env::args().skip(1).collect();
    for name in &named {
        assert!(name.parse::<Dialect>().is_ok(), "no dialect '{name}'");
    }
    for dialect in Dialect::ALL {
        if !named.is_empty() && !named.iter().any(|name| name == dialect.name()) {
            continue;
        }
        let Some((version, measured)) = measure(dialect) else {
            continue;
        };
        let path = path(dialect, &version);
        fs::write(&path, measured.text()).unwrap_or_else(|e| panic!("{}: {e}", path.display()));
        println!("{}: {} cases", path.display(), measured.cases.len());
    }
}

/// Measures on the server that is there; `None`, said on stderr, where there is none.
fn measure(dialect: Dialect) -> Option<(String, Measured)> {
    match dialect {
        Dialect::Postgres => {
            let server = server::postgres()?;
            Some((postgres::version(&server), postgres::measure(&server)))
        }
        Dialect::Mysql => {
            let server = server::mariadb()?;
            Some((mysql::version(&server), mysql::measure(&server)))
        }
        Dialect::Sqlite => Some((sqlite::version(), sqlite::measure())),
        _ => None,
    }
}
