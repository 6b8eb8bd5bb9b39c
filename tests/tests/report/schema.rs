//! The JSON of a report against its schema, and the schema against the types that are written. It is
//! made from them: `INSTA_UPDATE=always` writes it anew. Values are looked at by the few words of JSON Schema that the schema uses. A
//! word that is not known here fails, so that no rule goes unlooked at; and so does a field that the
//! schema does not describe.

use std::fs;

use migrate_ops::report::Report;
use serde_json::Value;

use crate::{described, instances, samples};

/// What [`SCHEMA`](migrate_ops::report::SCHEMA) is made from.
const PATH: &str = concat!(
    env!("CARGO_MANIFEST_DIR"),
    "/../migrate-ops/report.schema.json"
);

fn schema() -> Value {
    let text = fs::read_to_string(PATH).expect("a schema");
    serde_json::from_str(&text).expect("JSON")
}

#[test]
fn the_schema_is_that_of_the_types() {
    let described = described::schema();
    if std::env::var("INSTA_UPDATE").is_ok_and(|it| it == "always") {
        fs::write(PATH, &described).expect("a file");
    }
    let written = fs::read_to_string(PATH).expect("a schema");
    let differs = written
        .lines()
        .zip(described.lines())
        .position(|(one, other)| one != other);
    assert!(
        written == described,
        "report.schema.json is not what the types are, from line {differs:?} on: write it anew with \
         INSTA_UPDATE=always tests/run --test report"
    );
}

/// Every field that the schema names is one of the types, and the other way round: what is read and
/// written again would lack the first or have more of the second.
#[test]
fn what_the_schema_allows_is_a_report() {
    let schema = schema();
    let all = instances::all(&schema);
    assert!(all.len() > 100, "{}", all.len());
    for json in all {
        assert_eq!(
            errors(&schema, &schema, &json, "report"),
            Vec::<String>::new()
        );
        let report: Report = match serde_json::from_value(json.clone()) {
            Ok(report) => report,
            Err(error) => panic!("{error}: {json:#}"),
        };
        let again = serde_json::to_value(&report).expect("JSON");
        assert_eq!(again, json);
        // Whatever it holds, it can be shown.
        let page = migrate_ops::report::page(&report);
        assert!(!migrate_ops::report::html(&page).is_empty());
        assert!(!migrate_ops::report::markdown(&page).is_empty());
    }
}

#[test]
fn reports_are_what_the_schema_says() {
    let schema = schema();
    for run in [
        samples::large(),
        samples::failed(),
        samples::killed(),
        samples::tiny(),
    ] {
        let report = Report::of(&run.record()).expect("a report");
        let json = serde_json::to_value(&report).expect("JSON");
        assert_eq!(
            errors(&schema, &schema, &json, "report"),
            Vec::<String>::new()
        );
        // What was written can be read again.
        let again: Report = serde_json::from_value(json.clone()).expect("a report");
        assert_eq!(serde_json::to_value(&again).expect("JSON"), json);
    }
}

#[test]
fn what_is_wrong_is_found() {
    let schema = schema();
    let report = Report::of(&samples::large().record()).expect("a report");
    let json = serde_json::to_value(&report).expect("JSON");
    for (pointer, wrong) in [
        ("/format", Value::from(2)),
        ("/verdict/kind", Value::from("splendid")),
        ("/verdict/headline", Value::Null),
        ("/steps/0/step", Value::from("dance")),
        ("/log/scripts/0/duration_seconds", Value::from("long")),
        ("/rollback/ways/0/tried", Value::from("yes")),
    ] {
        let mut broken = json.clone();
        *broken.pointer_mut(pointer).expect("a value") = wrong;
        assert_ne!(
            errors(&schema, &schema, &broken, "report"),
            Vec::<String>::new(),
            "{pointer}"
        );
    }
    let mut more = json.clone();
    more["verdict"]["mood"] = Value::from("good");
    assert_ne!(
        errors(&schema, &schema, &more, "report"),
        Vec::<String>::new()
    );
}

fn errors(root: &Value, schema: &Value, value: &Value, at: &str) -> Vec<String> {
    let mut found = Vec::new();
    let wrong = |what: String| vec![format!("{at}: {what}")];
    for (word, rule) in schema.as_object().expect("an object") {
        found.extend(match word.as_str() {
            "$schema" | "$defs" | "title" | "description" | "format" => Vec::new(),
            "$ref" => {
                let pointer = rule.as_str().expect("a text").trim_start_matches('#');
                let target = root.pointer(pointer).expect("a definition");
                errors(root, target, value, at)
            }
            "type" => {
                let types = rule
                    .as_array()
                    .cloned()
                    .unwrap_or_else(|| vec![rule.clone()]);
                match types.iter().any(|name| is_of(value, name)) {
                    true => Vec::new(),
                    false => wrong(format!("{value} is not of {rule}")),
                }
            }
            "const" if value != rule => wrong(format!("{value} is not {rule}")),
            "enum" if !rule.as_array().expect("a list").contains(value) => {
                wrong(format!("{value} is not one of {rule}"))
            }
            "minimum" if value.is_number() && value.as_f64() < rule.as_f64() => {
                wrong(format!("{value} < {rule}"))
            }
            "const" | "enum" | "minimum" => Vec::new(),
            "anyOf" => {
                let ways = rule.as_array().expect("a list").iter();
                // What is wrong by the way that it is nearest to.
                let wrong = ways.map(|way| errors(root, way, value, at));
                wrong.min_by_key(Vec::len).unwrap_or_default()
            }
            "items" => {
                let items = value.as_array().into_iter().flatten().enumerate();
                items
                    .flat_map(|(n, item)| errors(root, rule, item, &format!("{at}[{n}]")))
                    .collect()
            }
            "prefixItems" => {
                let parts = rule.as_array().expect("a list");
                let items = value.as_array().expect("a list");
                match items.len() == parts.len() {
                    false => wrong(format!("{} parts are not {}", items.len(), parts.len())),
                    true => {
                        let both = parts.iter().zip(items).enumerate();
                        both.flat_map(|(n, (part, item))| {
                            errors(root, part, item, &format!("{at}[{n}]"))
                        })
                        .collect()
                    }
                }
            }
            "additionalProperties" => {
                let named = |name: &str| schema["properties"].get(name).is_some();
                let fields = value.as_object().into_iter().flatten();
                fields
                    .filter(|(name, _)| !named(name))
                    .flat_map(|(name, field)| errors(root, rule, field, &format!("{at}.{name}")))
                    .collect()
            }
            "required" => {
                let names = rule.as_array().expect("a list").iter();
                names
                    .filter_map(|name| name.as_str())
                    .filter(|name| value.is_object() && value.get(name).is_none())
                    .map(|name| format!("{at}: lacks {name}"))
                    .collect()
            }
            "properties" => {
                let fields = value.as_object().into_iter().flatten();
                fields
                    .flat_map(|(name, field)| match rule.get(name) {
                        Some(rule) => errors(root, rule, field, &format!("{at}.{name}")),
                        None => vec![format!("{at}: {name} is not described")],
                    })
                    .collect()
            }
            other => wrong(format!("the schema's word {other} is not looked at")),
        });
    }
    found
}

fn is_of(value: &Value, name: &Value) -> bool {
    match name.as_str().expect("a text") {
        "object" => value.is_object(),
        "array" => value.is_array(),
        "string" => value.is_string(),
        "number" => value.is_number(),
        "integer" => value.is_u64() || value.is_i64(),
        "boolean" => value.is_boolean(),
        "null" => value.is_null(),
        other => panic!("an unknown type {other}"),
    }
}
