//! Computing what programs decide on: `None` is a value that is not known.

use crate::change::{Query, Value};
use crate::schema::information::{self, Field, Row};
use crate::schema::session::Known;
use crate::schema::{Schema, same_name};

/// Where values come from.
#[derive(Clone, Copy)]
pub(super) struct Environment<'e> {
    pub(super) schema: &'e Schema,
    /// Parameters and declared variables, the innermost last. A name without a value is one whose
    /// value is not known.
    pub(super) locals: &'e [Locals],
}

/// The variables of a block.
pub(super) type Locals = std::collections::BTreeMap<String, Option<Known>>;

/// What an expression sees of a query around it.
#[derive(Clone, Copy)]
enum Seen<'r> {
    Nothing,
    /// One of its rows.
    Row(&'r Row),
    /// All of its rows, of which these are there for certain, and as many may be.
    Rows(&'r [&'r Row], usize),
}

impl<'e> Environment<'e> {
    /// The value of an expression.
    pub(super) fn value(&self, value: &Value) -> Option<Known> {
        self.evaluate(value, Seen::Nothing)
    }

    /// Whether a condition holds; NULL is false.
    pub(super) fn holds(&self, condition: &Value) -> Option<bool> {
        is_true(&self.value(condition)?)
    }

    /// The values of a query's only row; all NULL, as variables see it, where it has none.
    pub(super) fn only_row(&self, query: &Query) -> Vec<Option<Known>> {
        let nothing = || vec![None; query.select.len()];
        if query.from.is_none() {
            return query.select.iter().map(|it| self.value(it)).collect();
        }
        let Some((certain, possible)) = self.rows(query) else {
            return nothing();
        };
        let certain: Vec<&Row> = certain.iter().collect();
        if query.select.iter().any(is_aggregate) {
            let seen = Seen::Rows(&certain, possible);
            return query
                .select
                .iter()
                .map(|it| self.evaluate(it, seen))
                .collect();
        }
        match certain.as_slice() {
            [row] if possible == 0 => {
                let seen = Seen::Row(row);
                query
                    .select
                    .iter()
                    .map(|it| self.evaluate(it, seen))
                    .collect()
            }
            _ => nothing(),
        }
    }

    /// The rows of which the condition holds, and how many more there may be.
    fn rows(&self, query: &Query) -> Option<(Vec<Row>, usize)> {
        let from = query.from.as_ref()?;
        let mut certain = Vec::new();
        let mut possible = 0;
        for row in information::rows(self.schema, from)? {
            let holds = match &query.condition {
                Some(condition) => self
                    .evaluate(condition, Seen::Row(&row))
                    .and_then(|it| is_true(&it)),
                None => Some(true),
            };
            match holds {
                Some(false) => {}
                Some(true) if row.certain => certain.push(row),
                _ => possible += 1,
            }
        }
        Some((certain, possible))
    }

    fn evaluate(&self, value: &Value, seen: Seen<'_>) -> Option<Known> {
        match value {
            Value::Null => Some(Known::Null),
            Value::Number(number) => Some(Known::Number(*number)),
            Value::Text(text) => Some(Known::Text(text.clone())),
            Value::Session(name) => self.schema.session.variables.get(name).cloned(),
            Value::Name(name, qualified) => {
                let local = self.locals.iter().rev().find_map(|it| it.get(name));
                match (local, seen) {
                    (Some(local), _) if !qualified => local.clone(),
                    (_, Seen::Row(row)) => match row.get(name) {
                        Field::Is(known) => Some(known.clone()),
                        _ => None,
                    },
                    _ => None,
                }
            }
            Value::Query(query) => match self.only_row(query).as_slice() {
                [only] if !query.select.contains(&Value::Star) => only.clone(),
                _ => None,
            },
            Value::Operation(name, operands) => self.operation(name, operands, seen),
            Value::Star | Value::Unknown => None,
        }
    }

    fn operation(&self, name: &str, operands: &[Value], seen: Seen<'_>) -> Option<Known> {
        let operand = |at: usize| self.evaluate(operands.get(at)?, seen);
        match name {
            "and" | "or" => self.junction(name == "and", operands, seen),
            "not" => Some(truth(!is_known_true(&operand(0)?)?)),
            "exists" => self.exists(operands.first()?),
            "count" => self.count(operands, seen),
            "=" | "<>" | "<" | "<=" | ">" | ">=" | "<=>" => self.comparison(name, operands, seen),
            "in" => {
                let equal: Vec<Value> = operands
                    .get(1..)?
                    .iter()
                    .map(|it| {
                        Value::Operation("=".to_owned(), vec![operands[0].clone(), it.clone()])
                    })
                    .collect();
                self.junction(false, &equal, seen)
            }
            "like" => match operand(1)? {
                // A pattern without wildcards is an equality.
                Known::Text(pattern) if !pattern.contains(['%', '_', '\\']) => {
                    self.comparison("=", operands, seen)
                }
                _ => None,
            },
            "is null" => match (operands.first()?, seen) {
                (Value::Name(name, _), Seen::Row(row)) if row.get(name).is_not_null() => {
                    Some(truth(false))
                }
                _ => Some(truth(operand(0)? == Known::Null)),
            },
            "is true" => Some(truth(is_true(&operand(0)?)?)),
            "is false" => match operand(0)? {
                Known::Null => Some(truth(false)),
                other => Some(truth(!is_true(&other)?)),
            },
            "if" => match is_true(&operand(0)?)? {
                true => operand(1),
                false => operand(2),
            },
            "case when" => self.case(operands, seen, |condition| {
                is_true(&self.evaluate(condition, seen)?)
            }),
            "case" => {
                let (compared, rest) = operands.split_first()?;
                self.case(rest, seen, |other| {
                    let both = [compared.clone(), other.clone()];
                    is_true(&self.comparison("=", &both, seen)?)
                })
            }
            "ifnull" | "coalesce" | "nvl" => {
                for operand in operands {
                    match self.evaluate(operand, seen)? {
                        Known::Null => {}
                        known => return Some(known),
                    }
                }
                Some(Known::Null)
            }
            "nullif" => match is_true(&self.comparison("=", operands, seen)?)? {
                true => Some(Known::Null),
                false => operand(0),
            },
            "database" | "schema" => Some(Known::Database),
            "+" | "-" | "*" => self.arithmetic(name, operands, seen),
            "neg" => number(&operand(0)?)?.checked_neg().map(Known::Number),
            _ => self.text_function(name, operands, seen),
        }
    }

    fn text_function(&self, name: &str, operands: &[Value], seen: Seen<'_>) -> Option<Known> {
        let texts = || -> Option<Vec<Option<String>>> {
            operands
                .iter()
                .map(|it| text(&self.evaluate(it, seen)?))
                .collect()
        };
        // NULL makes NULL.
        let strict = |make: &dyn Fn(&[String]) -> Option<String>| {
            let texts: Option<Vec<String>> = texts()?.into_iter().collect();
            match texts {
                Some(texts) => make(&texts).map(Known::Text),
                None => Some(Known::Null),
            }
        };
        match name {
            "concat" => strict(&|texts| Some(texts.concat())),
            "concat_ws" => {
                let texts = texts()?;
                let (separator, rest) = texts.split_first()?;
                Some(match separator {
                    Some(separator) => {
                        let there: Vec<&str> = rest.iter().flatten().map(String::as_str).collect();
                        Known::Text(there.join(separator))
                    }
                    None => Known::Null,
                })
            }
            "lower" | "lcase" => strict(&|texts| Some(texts.first()?.to_lowercase())),
            "upper" | "ucase" => strict(&|texts| Some(texts.first()?.to_uppercase())),
            "replace" => strict(&|texts| match texts {
                [text, from, to] if !from.is_empty() => Some(text.replace(from.as_str(), to)),
                _ => None,
            }),
            _ if name.starts_with("cast as char") && !name.contains('(')
                || name.starts_with("convert using ") =>
            {
                strict(&|texts| texts.first().cloned())
            }
            _ if name.starts_with("collate ") => self.evaluate(operands.first()?, seen),
            _ => None,
        }
    }

    /// AND or OR: one operand may decide whatever the others are.
    fn junction(&self, all: bool, operands: &[Value], seen: Seen<'_>) -> Option<Known> {
        let (mut unknown, mut null) = (false, false);
        for operand in operands {
            match self.evaluate(operand, seen) {
                Some(Known::Null) => null = true,
                known => match known.and_then(|it| is_true(&it)) {
                    Some(it) if it != all => return Some(truth(it)),
                    Some(_) => {}
                    None => unknown = true,
                },
            }
        }
        match (unknown, null) {
            (true, _) => None,
            (false, true) => Some(Known::Null),
            (false, false) => Some(truth(all)),
        }
    }

    fn comparison(&self, operator: &str, operands: &[Value], seen: Seen<'_>) -> Option<Known> {
        let [one, other] = operands else {
            return None;
        };
        // Of some fields it is known what they are not.
        if let Seen::Row(row) = seen {
            for (field, with) in [(one, other), (other, one)] {
                if let Value::Name(name, _) = field
                    && let Some(known) = self.evaluate(with, seen)
                    && row.get(name).is_never(&known, self.schema)
                {
                    return match operator {
                        "=" | "<=>" => Some(truth(false)),
                        "<>" => Some(truth(true)),
                        _ => None,
                    };
                }
            }
        }
        let (one, other) = (self.evaluate(one, seen)?, self.evaluate(other, seen)?);
        if operator == "<=>" && (one == Known::Null || other == Known::Null) {
            return Some(truth(one == other));
        }
        if one == Known::Null || other == Known::Null {
            return Some(Known::Null);
        }
        if let (Some(one), Some(other)) = (number(&one), number(&other)) {
            return Some(truth(match operator {
                "<>" => one != other,
                "<" => one < other,
                "<=" => one <= other,
                ">" => one > other,
                ">=" => one >= other,
                _ => one == other,
            }));
        }
        let equal = is_equal(&one, &other)?;
        match operator {
            "=" | "<=>" => Some(truth(equal)),
            "<>" => Some(truth(!equal)),
            _ => None,
        }
    }

    fn case(
        &self,
        parts: &[Value],
        seen: Seen<'_>,
        matches: impl Fn(&Value) -> Option<bool>,
    ) -> Option<Known> {
        let mut branches = parts.chunks_exact(2);
        for branch in &mut branches {
            let [condition, value] = branch else {
                continue;
            };
            if matches(condition)? {
                return self.evaluate(value, seen);
            }
        }
        match branches.remainder() {
            [otherwise] => self.evaluate(otherwise, seen),
            _ => Some(Known::Null),
        }
    }

    fn arithmetic(&self, operator: &str, operands: &[Value], seen: Seen<'_>) -> Option<Known> {
        let mut result: Option<i64> = None;
        for operand in operands {
            let known = self.evaluate(operand, seen)?;
            if known == Known::Null {
                return Some(Known::Null);
            }
            let next = number(&known)?;
            result = Some(match result {
                None => next,
                Some(so_far) => match operator {
                    "+" => so_far.checked_add(next)?,
                    "-" => so_far.checked_sub(next)?,
                    _ => so_far.checked_mul(next)?,
                },
            });
        }
        result.map(Known::Number)
    }

    fn exists(&self, query: &Value) -> Option<Known> {
        let Value::Query(query) = query else {
            return None;
        };
        if query.from.is_none() || query.select.iter().any(is_aggregate) {
            return query.condition.is_none().then(|| truth(true));
        }
        match self.rows(query)? {
            (certain, _) if !certain.is_empty() => Some(truth(true)),
            (_, 0) => Some(truth(false)),
            _ => None,
        }
    }

    /// COUNT of rows, without NULLs among what is counted.
    fn count(&self, operands: &[Value], seen: Seen<'_>) -> Option<Known> {
        let Seen::Rows(rows, 0) = seen else {
            return None;
        };
        let never_null = |value: &Value| match value {
            Value::Star | Value::Number(_) | Value::Text(_) => true,
            Value::Name(name, _) => rows.iter().all(|row| row.get(name).is_not_null()),
            _ => false,
        };
        match operands {
            [only] if never_null(only) => i64::try_from(rows.len()).ok().map(Known::Number),
            _ => None,
        }
    }
}

/// Whether a select item makes one row of all.
fn is_aggregate(value: &Value) -> bool {
    const AGGREGATES: &[&str] = &[
        "avg",
        "bit_and",
        "bit_or",
        "bit_xor",
        "count",
        "group_concat",
        "json_arrayagg",
        "json_objectagg",
        "max",
        "min",
        "std",
        "stddev",
        "sum",
        "var_pop",
        "variance",
    ];
    match value {
        Value::Operation(name, operands) => {
            AGGREGATES.contains(&name.as_str()) || operands.iter().any(is_aggregate)
        }
        _ => false,
    }
}

fn truth(holds: bool) -> Known {
    Known::Number(i64::from(holds))
}

/// Whether a value counts as true; NULL does not.
fn is_true(known: &Known) -> Option<bool> {
    match known {
        Known::Null => Some(false),
        other => number(other).map(|it| it != 0),
    }
}

/// The same for NOT, of which NULL stays NULL: then not known.
fn is_known_true(known: &Known) -> Option<bool> {
    (*known != Known::Null).then(|| is_true(known)).flatten()
}

/// A whole number, also as text.
fn number(known: &Known) -> Option<i64> {
    match known {
        Known::Number(number) => Some(*number),
        Known::Text(text) => text.parse().ok(),
        Known::Null | Known::Database => None,
    }
}

/// The text of a value, where it is known; `Some(None)` for NULL.
fn text(known: &Known) -> Option<Option<String>> {
    match known {
        Known::Null => Some(None),
        Known::Number(number) => Some(Some(number.to_string())),
        Known::Text(text) => Some(Some(text.clone())),
        Known::Database => None,
    }
}

/// Whether two texts are equal. Where only case, accents or spaces at the end tell them apart, that
/// is up to the collation.
pub(in crate::schema) fn is_equal(one: &Known, other: &Known) -> Option<bool> {
    match (one, other) {
        (Known::Database, Known::Database) => Some(true),
        (Known::Text(one), Known::Text(other)) if one == other => Some(true),
        (Known::Text(one), Known::Text(other)) => {
            let folds = !one.is_ascii()
                || !other.is_ascii()
                || same_name(
                    migrate_core::Dialect::Mysql,
                    one.trim_end(),
                    other.trim_end(),
                );
            (!folds).then_some(false)
        }
        _ => None,
    }
}
