//! Every finding about migration files, as it is shown: one mistake a directory.

#![allow(clippy::unwrap_used, clippy::expect_used)]

mod directives;
mod names;
mod project;
mod scripts;

use std::fmt::Write;
use std::fs;
use std::path::Path;

use migrate_core::config::{Config, SetConfig};
use migrate_core::{Color, Dialect, render_all};

/// What is found in a project with these files, `migrations/` being put before their names where
/// they are no `migrate.toml`.
fn found(root: &Path, dialect: Dialect, files: &[(&str, &str)]) -> String {
    fs::create_dir_all(root.join("migrations")).unwrap();
    for (path, text) in files {
        let path = match *path {
            "migrate.toml" => root.join(path),
            path => root.join("migrations").join(path),
        };
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        if !text.is_empty() || !path.is_dir() {
            fs::write(path, text).unwrap();
        }
    }
    let config = match Config::of_crate(root) {
        Ok(config) => config,
        Err(findings) => return render_all(&findings, Color::Never),
    };
    let mut config: SetConfig = config.top();
    config.dialect.get_or_insert(dialect);
    match migrate_core::project::load(&config) {
        Ok(loaded) => render_all(&loaded.diagnostics, Color::Never),
        Err(finding) => render_all(&[*finding], Color::Never),
    }
}

type Case<'a> = (&'a str, Dialect, &'a [(&'a str, &'a str)]);

fn all(cases: &[Case<'_>]) -> String {
    let mut text = String::new();
    for (title, dialect, files) in cases {
        let dir = tempfile::tempdir().unwrap();
        let found = found(dir.path(), *dialect, files);
        assert!(
            !found.contains(&dir.path().display().to_string()),
            "{found}"
        );
        let found = if found.is_empty() {
            "nothing\n"
        } else {
            &found
        };
        writeln!(text, "# {title}\n{found}").unwrap();
    }
    text
}

const SQL: &str = "CREATE TABLE a (b int);\n";
const UP_RS: &str = "pub fn up<C: Any>(conn: &mut C) -> Result<(), E> {}\n";
