//! The dependencies' licences and duplicates, against `.ci/licences.txt` and `.ci/duplicates.txt`.
//! Works offline, over what cargo has already downloaded.
#![allow(
    clippy::expect_used,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a test may panic"
)]

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;
use std::process::Command;

use migrate_tests::server::left_out;
use serde_json::Value;

/// What a test needs to know of one crate.
struct Dependency {
    name: String,
    version: String,
    licence: String,
}

/// Every crate that any member, feature and platform brings in; `None` where cargo has not
/// downloaded all of them.
fn dependencies() -> Option<Vec<Dependency>> {
    let output = Command::new(env!("CARGO"))
        .args([
            "metadata",
            "--format-version",
            "1",
            "--all-features",
            "--offline",
            "--locked",
        ])
        .current_dir(root())
        .output()
        .expect("cargo runs");
    let said = String::from_utf8_lossy(&output.stderr);
    if said.contains("--offline was specified") || said.contains("running with `--offline`") {
        left_out(
            "licences and duplicates of dependencies: not all are downloaded; run `cargo fetch` once",
        );
        return None;
    }
    assert!(output.status.success(), "cargo metadata failed: {said}");
    let metadata: Value = serde_json::from_slice(&output.stdout).expect("JSON from cargo metadata");
    let text = |package: &Value, key: &str| package[key].as_str().unwrap_or_default().to_owned();
    let dependency = |package: &Value| Dependency {
        name: text(package, "name"),
        version: text(package, "version"),
        licence: text(package, "license"),
    };
    let packages = metadata["packages"].as_array().expect("a list of packages");
    assert!(
        packages.len() > 50,
        "cargo metadata lists only {} packages",
        packages.len()
    );
    Some(packages.iter().map(dependency).collect())
}

#[test]
fn licences_are_permissive() {
    let Some(dependencies) = dependencies() else {
        return;
    };
    let allowed = lines("licences.txt");
    let refused: Vec<String> = (dependencies.iter())
        .filter(|d| !Expression::of(&d.licence).allowed(&allowed))
        .map(|d| format!("{} {}: '{}'", d.name, d.version, d.licence))
        .collect();
    assert!(
        refused.is_empty(),
        "not allowed by .ci/licences.txt:\n{}",
        refused.join("\n")
    );
}

#[test]
fn duplicates_have_a_reason() {
    let Some(dependencies) = dependencies() else {
        return;
    };
    let mut versions: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    for dependency in &dependencies {
        versions
            .entry(&dependency.name)
            .or_default()
            .insert(&dependency.version);
    }
    versions.retain(|_, versions| versions.len() > 1);

    let mut problems = Vec::new();
    let mut explained = BTreeSet::new();
    for line in lines("duplicates.txt") {
        let (name, reason) = line.split_once(": ").unwrap_or((&line, ""));
        if reason.trim().is_empty() {
            problems.push(format!("{name} has no reason in .ci/duplicates.txt"));
        }
        if !versions.contains_key(name) {
            problems.push(format!(
                "{name} is no duplicate any more; take its line out of .ci/duplicates.txt"
            ));
        }
        explained.insert(name.to_owned());
    }
    for (name, versions) in &versions {
        if !explained.contains(*name) {
            problems.push(format!(
                "{name} is built as {versions:?}; avoid it or explain it in .ci/duplicates.txt"
            ));
        }
    }
    assert!(problems.is_empty(), "{}", problems.join("\n"));
}

#[test]
fn licence_expressions_are_understood() {
    let allowed = ["MIT", "Apache-2.0", "Unicode-3.0"].map(str::to_owned);
    let cases = [
        ("MIT", true),
        ("GPL-3.0", false),
        ("", false),
        ("GPL-3.0 OR MIT", true),
        ("GPL-3.0/MIT", true),
        ("GPL-3.0 / Apache-2.0", true),
        ("GPL-3.0 AND MIT", false),
        ("(MIT OR GPL-3.0) AND Unicode-3.0", true),
        ("(MIT OR GPL-3.0) AND BSD-3-Clause", false),
        // AND binds tighter than OR.
        ("MIT OR GPL-3.0 AND BSD-3-Clause", true),
        ("GPL-3.0 AND BSD-3-Clause OR MIT", true),
        // An exception only adds rights.
        ("Apache-2.0 WITH LLVM-exception", true),
        ("GPL-2.0 WITH Classpath-exception-2.0", false),
    ];
    for (expression, expected) in cases {
        let got = Expression::of(expression).allowed(&allowed);
        assert_eq!(got, expected, "{expression}");
    }
}

/// An SPDX licence expression, and the older `A/B` for `A OR B`.
struct Expression(Vec<String>);

impl Expression {
    fn of(text: &str) -> Self {
        let spaced = text
            .replace('(', " ( ")
            .replace(')', " ) ")
            .replace('/', " OR ");
        Self(spaced.split_whitespace().rev().map(str::to_owned).collect())
    }

    fn allowed(mut self, allowed: &[String]) -> bool {
        let result = self.any(allowed);
        result && self.0.is_empty()
    }

    fn next_is(&mut self, word: &str) -> bool {
        self.0.pop_if(|next| next == word).is_some()
    }

    fn any(&mut self, allowed: &[String]) -> bool {
        let mut result = self.every(allowed);
        while self.next_is("OR") {
            result |= self.every(allowed);
        }
        result
    }

    fn every(&mut self, allowed: &[String]) -> bool {
        let mut result = self.one(allowed);
        while self.next_is("AND") {
            result &= self.one(allowed);
        }
        result
    }

    fn one(&mut self, allowed: &[String]) -> bool {
        if self.next_is("(") {
            let result = self.any(allowed);
            return self.next_is(")") && result;
        }
        let result = self
            .0
            .pop()
            .is_some_and(|licence| allowed.contains(&licence));
        if self.next_is("WITH") {
            self.0.pop();
        }
        result
    }
}

/// The lines of a file in `.ci` without comments.
fn lines(name: &str) -> Vec<String> {
    let path = root().join(".ci").join(name);
    let text = fs::read_to_string(&path).unwrap_or_else(|e| panic!("{}: {e}", path.display()));
    let lines = text
        .lines()
        .map(str::trim)
        .filter(|line| !line.is_empty() && !line.starts_with('#'));
    lines.map(str::to_owned).collect()
}

fn root() -> &'static Path {
    Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/.."))
}
