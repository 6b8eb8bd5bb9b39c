//! The JSON of a report against its schema, by the few words of JSON Schema that the schema uses. A
//! word that is not known here fails, so that no rule goes unlooked at; and so does a field that the
//! schema does not describe.

use migrate_ops::report::{Report, SCHEMA};
use serde_json::Value;

use crate::samples;

#[test]
fn reports_are_what_the_schema_says() {
    let schema: Value = serde_json::from_str(SCHEMA).expect("JSON");
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
    let schema: Value = serde_json::from_str(SCHEMA).expect("JSON");
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
            "minimum" if value.as_f64() < rule.as_f64() => wrong(format!("{value} < {rule}")),
            "const" | "enum" | "minimum" => Vec::new(),
            "anyOf" => {
                let ways = rule.as_array().expect("a list").iter();
                match ways
                    .map(|way| errors(root, way, value, at))
                    .any(|it| it.is_empty())
                {
                    true => Vec::new(),
                    false => wrong(format!("{value} is none of these")),
                }
            }
            "items" => {
                let items = value.as_array().into_iter().flatten().enumerate();
                items
                    .flat_map(|(n, item)| errors(root, rule, item, &format!("{at}[{n}]")))
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
