//! The arrows between the crates: who may depend on whom.

#![allow(
    clippy::expect_used,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a test that cannot go on panics"
)]

use std::collections::BTreeMap;
use std::process::Command;

use serde_json::Value;

/// Each crate and what of the workspace it may use outside its tests.
const ALLOWED: [(&str, &[&str]); 6] = [
    ("migrate-core", &[]),
    ("migrate-sql", &["migrate-core"]),
    ("migrate-macros", &["migrate-core", "migrate-sql"]),
    ("migrate-runtime", &["migrate-core", "migrate-macros"]),
    (
        "migrate-ops",
        &["migrate-core", "migrate-sql", "migrate-runtime"],
    ),
    (
        "migrate-cli",
        &[
            "migrate-core",
            "migrate-sql",
            "migrate-runtime",
            "migrate-ops",
        ],
    ),
];

#[test]
fn nothing_else_is_allowed() {
    let output = Command::new(env!("CARGO"))
        .args([
            "metadata",
            "--no-deps",
            "--offline",
            "--format-version",
            "1",
        ])
        .current_dir(concat!(env!("CARGO_MANIFEST_DIR"), "/.."))
        .output()
        .expect("cargo runs");
    let metadata: Value = serde_json::from_slice(&output.stdout).expect("cargo metadata is JSON");
    let mut found: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for package in metadata["packages"].as_array().expect("packages") {
        let name = package["name"].as_str().expect("a name");
        let mut uses: Vec<&str> = package["dependencies"]
            .as_array()
            .expect("dependencies")
            .iter()
            .filter(|dependency| dependency["kind"].is_null() && !dependency["path"].is_null())
            .map(|dependency| dependency["name"].as_str().expect("a name"))
            .collect();
        uses.sort_unstable();
        found.insert(name, uses);
    }
    for (name, allowed) in ALLOWED {
        let uses = found
            .get(name)
            .unwrap_or_else(|| panic!("{name} is no member"));
        assert!(
            uses.iter().all(|used| allowed.contains(used)),
            "{name} uses {uses:?}, but may use {allowed:?} only"
        );
    }
}

/// An app that depends on the runtime alone must not get a SQL parser, a TOML parser or a renderer
/// into its program.
#[test]
fn the_runtime_stays_small() {
    let output = Command::new(env!("CARGO"))
        .args([
            "tree",
            "--offline",
            "-p",
            "migrate-runtime",
            "--no-default-features",
        ])
        .args([
            "--features",
            "postgres,mysql,sqlite",
            "-e",
            "normal,no-proc-macro",
            "--prefix",
        ])
        .args(["none", "-f", "{p}"])
        .current_dir(concat!(env!("CARGO_MANIFEST_DIR"), "/.."))
        .output()
        .expect("cargo runs");
    let tree = String::from_utf8(output.stdout).expect("UTF-8");
    assert!(tree.contains("migrate-core"), "{tree}");
    for heavy in [
        "toml",
        "serde",
        "annotate-snippets",
        "sqlparser",
        "squawk",
        "syn",
    ] {
        assert!(
            !tree
                .lines()
                .any(|line| line.split(' ').next() == Some(heavy)),
            "the runtime links {heavy}:\n{tree}"
        );
    }
}
