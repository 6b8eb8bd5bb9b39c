//! SARIF 2.1.0, the OASIS format for findings of static checks.
//!
//! Paths are relative to the root of the repository, columns count UTF-16 code units, and what
//! `-- migrate:allow` accepts is there as suppressed.

use std::collections::BTreeMap;

use migrate_core::{Diagnostic, Hasher, Label, Level, Rule, rule, visible_lines};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use serde_json::{Value, json};

use super::super::place::{FilePath, Region, Root};
use super::{Annotations, text};
use crate::exit::Exit;

const SCHEMA: &str =
    "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json";

/// The base that relative paths count from.
const BASE: &str = "%SRCROOT%";

/// What a path of a URI may hold as it is: the unreserved characters of RFC 3986, and `/`.
const PATH: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'/')
    .remove(b'-')
    .remove(b'.')
    .remove(b'_')
    .remove(b'~');

impl Annotations<'_> {
    /// The log file.
    pub(crate) fn sarif(&self, exit: Exit) -> String {
        let mut results = Results {
            root: &self.root,
            rules: Vec::new(),
            seen: BTreeMap::new(),
        };
        let mut all: Vec<Value> = Vec::new();
        for finding in self.findings {
            all.push(results.result(finding, None));
        }
        for allowed in self.allowed {
            all.push(results.result(&allowed.finding, Some(&allowed.reason)));
        }
        let mut invocation = json!({
            "executionSuccessful": self.failure.is_none(),
            "exitCode": exit.code(),
        });
        if let Some(failure) = &self.failure {
            invocation["toolExecutionNotifications"] = json!([{
                "level": "error",
                "message": { "text": failure },
            }]);
        }
        let rules: Vec<Value> = results.rules.iter().map(|rule| descriptor(rule)).collect();
        let log = json!({
            "$schema": SCHEMA,
            "version": "2.1.0",
            "runs": [{
                "tool": {
                    "driver": {
                        "name": "migrate",
                        "semanticVersion": env!("CARGO_PKG_VERSION"),
                        "rules": rules,
                    },
                },
                "invocations": [invocation],
                "columnKind": "utf16CodeUnits",
                "originalUriBaseIds": {
                    BASE: { "description": { "text": "The root of the repository." } },
                },
                "results": all,
            }],
        });
        format!("{log:#}\n")
    }
}

struct Results<'a> {
    root: &'a Root,
    /// The rules that have found something.
    rules: Vec<&'static Rule>,
    /// How many findings there were with one digest.
    seen: BTreeMap<String, usize>,
}

impl Results<'_> {
    fn result(&mut self, finding: &Diagnostic, reason: Option<&String>) -> Value {
        let known = self.rules.iter().position(|rule| *rule == finding.rule);
        let index = known.unwrap_or_else(|| {
            self.rules.push(finding.rule);
            self.rules.len() - 1
        });
        let shown = finding
            .labels
            .first()
            .map(|label| &label.source.path)
            .or(finding.path.as_ref());
        let locations: Vec<Value> = shown
            .map(
                |shown| json!({ "physicalLocation": self.location(shown, finding.labels.first()) }),
            )
            .into_iter()
            .collect();
        let related: Vec<Value> = finding
            .labels
            .iter()
            .enumerate()
            .skip(1)
            .map(|(id, label)| {
                json!({
                    "id": id,
                    "message": { "text": visible_lines(&label.text) },
                    "physicalLocation": self.location(&label.source.path, Some(label)),
                })
            })
            .collect();
        // Either all results say whether they are suppressed, or none.
        let suppressions: Vec<Value> = reason
            .map(|reason| json!({ "kind": "inSource", "justification": visible_lines(reason) }))
            .into_iter()
            .collect();
        json!({
            "ruleId": finding.rule.code,
            "ruleIndex": index,
            "level": level(finding.level),
            "message": { "text": text(finding) },
            "locations": locations,
            "relatedLocations": related,
            "partialFingerprints": { "migrateFinding/v1": self.fingerprint(finding, shown) },
            "suppressions": suppressions,
        })
    }

    fn location(&self, shown: &str, label: Option<&Label>) -> Value {
        let mut location = json!({ "artifactLocation": artifact(&self.root.file(shown)) });
        if let Some(label) = label {
            let Region { start, end } = Region::of(label);
            location["region"] = json!({
                "startLine": start.0,
                "startColumn": start.1,
                "endLine": end.0,
                "endColumn": end.1,
            });
        }
        location
    }

    /// What stays while lines move: rule, file, message, and which of those that are alike it is.
    fn fingerprint(&mut self, finding: &Diagnostic, shown: Option<&String>) -> String {
        let path = shown.map(|shown| self.root.file(shown).path);
        let mut hasher = Hasher::new();
        hasher
            .part(finding.rule.code.as_bytes())
            .part(path.unwrap_or_default().as_bytes())
            .part(finding.message.as_bytes());
        let digest = hasher.checksum().to_string();
        let count = self.seen.entry(digest.clone()).or_default();
        *count += 1;
        format!("{digest}:{count}")
    }
}

fn artifact(file: &FilePath) -> Value {
    let path = utf8_percent_encode(&file.path, PATH).to_string();
    match file.relative {
        true => json!({ "uri": path, "uriBaseId": BASE }),
        false => json!({ "uri": format!("file://{path}") }),
    }
}

fn descriptor(rule: &'static Rule) -> Value {
    let page = rule::page(rule);
    json!({
        "id": rule.code,
        "shortDescription": { "text": rule.summary },
        "help": { "text": page, "markdown": page },
        "defaultConfiguration": {
            "enabled": rule.level != Level::Off,
            "level": level(rule.level),
        },
    })
}

fn level(level: Level) -> &'static str {
    match level {
        Level::Error => "error",
        Level::Warning => "warning",
        Level::Info => "note",
        Level::Off => "none",
    }
}
