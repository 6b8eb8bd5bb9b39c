//! Reports that a schema allows: one for each choice in it, so that every field, every word and every
//! way of a choice is in one of them.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map, Value, json};

/// Which way is taken at each choice that was come to, by its place in the schema.
type Choices = BTreeMap<String, usize>;

/// One value for each way of each choice.
pub(crate) fn all(schema: &Value) -> Vec<Value> {
    let mut made = Vec::new();
    let mut seen = BTreeSet::new();
    let mut waiting = vec![Choices::new()];
    while let Some(choices) = waiting.pop() {
        let mut maker = Maker {
            root: schema,
            choices: &choices,
            met: BTreeMap::new(),
        };
        made.push(maker.make(schema, "#"));
        for (place, ways) in maker.met {
            for way in 0..ways {
                if seen.insert((place.clone(), way)) && way > 0 {
                    let mut choices = choices.clone();
                    choices.insert(place.clone(), way);
                    waiting.push(choices);
                }
            }
        }
    }
    made
}

struct Maker<'a> {
    root: &'a Value,
    choices: &'a Choices,
    /// The choices that were come to, and how many ways each has.
    met: BTreeMap<String, usize>,
}

impl Maker<'_> {
    fn choose<'v>(&mut self, place: &str, ways: &'v [Value]) -> (usize, &'v Value) {
        self.met.insert(place.to_owned(), ways.len());
        let way = self.choices.get(place).copied().unwrap_or(0);
        (way, &ways[way])
    }

    fn make(&mut self, schema: &Value, place: &str) -> Value {
        if let Some(target) = schema["$ref"].as_str() {
            let found = self.root.pointer(target.trim_start_matches('#'));
            return self.make(found.expect("a definition"), target);
        }
        if let Some(value) = schema.get("const") {
            return value.clone();
        }
        if let Some(words) = schema["enum"].as_array() {
            return self.choose(place, words).1.clone();
        }
        if let Some(ways) = schema["anyOf"].as_array() {
            let (way, schema) = self.choose(place, ways);
            return self.make(schema, &format!("{place}/anyOf/{way}"));
        }
        let kind = match &schema["type"] {
            Value::Array(kinds) => self.choose(place, kinds).1.clone(),
            kind => kind.clone(),
        };
        match kind.as_str().expect("a type") {
            "null" => Value::Null,
            "boolean" => json!(true),
            "integer" => json!(3),
            "number" => json!(1.5),
            "string" if schema["format"] == "date-time" => json!("2026-03-01T22:00:00.000Z"),
            // The one form that some texts have: the id of a run or of a backup.
            "string" => json!("20260301T220000Z-5ea1"),
            "array" if schema["prefixItems"].is_array() => {
                let parts = schema["prefixItems"].as_array().into_iter().flatten();
                let parts = parts.enumerate();
                let parts = parts.map(|(at, part)| self.make(part, &format!("{place}/{at}")));
                Value::Array(parts.collect())
            }
            "array" => json!([self.make(&schema["items"], &format!("{place}/items"))]),
            "object" => self.object(schema, place),
            other => panic!("an unknown type {other}"),
        }
    }

    fn object(&mut self, schema: &Value, place: &str) -> Value {
        let mut object = Map::new();
        for (name, schema) in schema["properties"].as_object().into_iter().flatten() {
            let value = self.make(schema, &format!("{place}/properties/{name}"));
            object.insert(name.clone(), value);
        }
        if let Some(schema) = schema.get("additionalProperties") {
            let value = self.make(schema, &format!("{place}/additionalProperties"));
            object.insert("something".to_owned(), value);
        }
        Value::Object(object)
    }
}
