//! What differs between two schemas, object by object.
//!
//! What is not known for certain on either side is passed over, and so is what only one side can
//! know: the text of a view or a routine, which a database keeps in its own words, is compared only
//! between scripts.

mod object;
mod table;

use std::fmt;

use crate::change::ObjectKind;
use crate::schema::{Class, Object, ObjectId, Schema};

/// One difference between a left and a right schema.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Difference {
    /// What it is about.
    pub kind: ObjectKind,
    /// Its name, as messages show it; empty where it has none.
    pub name: String,
    /// The table that it belongs to, where it belongs to one.
    pub table: Option<String>,
    /// How it differs.
    pub what: What,
}

/// How something differs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum What {
    /// The right schema lacks it.
    Missing,
    /// The left schema lacks it.
    Extra,
    /// Both have it, with a property that differs.
    Differs {
        /// Which property: "type", "nullability", "default".
        property: &'static str,
        /// On the left.
        left: String,
        /// On the right.
        right: String,
    },
}

impl Difference {
    /// What it is about, as in "column `a` of `t`".
    pub fn subject(&self) -> String {
        let mut text = self.kind.name().to_owned();
        if !self.name.is_empty() {
            text.push_str(&format!(" `{}`", self.name));
        }
        if let Some(table) = &self.table {
            let word = match self.kind {
                ObjectKind::Column => "of",
                _ => "on",
            };
            text.push_str(&format!(" {word} `{table}`"));
        }
        text
    }
}

impl fmt::Display for Difference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let subject = self.subject();
        match &self.what {
            What::Missing => write!(f, "{subject} is missing"),
            What::Extra => write!(f, "{subject} is there in addition"),
            What::Differs {
                property,
                left,
                right,
            } => write!(f, "{subject}: {property} is {right}, not {left}"),
        }
    }
}

/// All differences, in the order of the objects' identities. `left` is what should be, `right` what
/// is.
pub fn diff(left: &Schema, right: &Schema) -> Vec<Difference> {
    let mut found = Vec::new();
    let mut ids: Vec<&ObjectId> = left
        .objects()
        .chain(right.objects())
        .map(|(id, _)| id)
        .collect();
    ids.sort_unstable();
    ids.dedup();
    for id in ids {
        match (left.get(id), right.get(id)) {
            (Some(a), Some(b)) => object::compare(a, b, left.dialect(), &mut found),
            (Some(a), None) if !right.is_open() => found.push(whole(a, id, What::Missing)),
            (None, Some(b)) if !left.is_open() => found.push(whole(b, id, What::Extra)),
            _ => {}
        }
    }
    found
}

fn whole(object: &Object, id: &ObjectId, what: What) -> Difference {
    let name = match object {
        Object::Table(table) => table.name.to_string(),
        Object::View(view) => view.name.to_string(),
        _ if id.class == Class::Routine => format!("{}({})", id.name, id.arguments),
        _ => id.name.to_string(),
    };
    Difference {
        kind: object.kind(),
        name,
        table: None,
        what,
    }
}

/// Where the differences of one object go.
struct Found<'a> {
    kind: ObjectKind,
    name: String,
    table: Option<&'a str>,
    into: &'a mut Vec<Difference>,
}

impl Found<'_> {
    fn push(&mut self, what: What) {
        self.into.push(Difference {
            kind: self.kind,
            name: self.name.clone(),
            table: self.table.map(str::to_owned),
            what,
        });
    }

    /// A property that differs where `left` and `right` are not the same.
    fn property<T: PartialEq>(
        &mut self,
        property: &'static str,
        left: &T,
        right: &T,
        show: impl Fn(&T) -> String,
    ) {
        if left != right {
            self.push(What::Differs {
                property,
                left: show(left),
                right: show(right),
            });
        }
    }
}

/// Pairs what both sides have, and says what only one has. Things are the same if they have the same
/// name; those without a name, if `same` says so.
fn pair<'a, T>(
    left: &'a [T],
    right: &'a [T],
    name: impl Fn(&T) -> &str,
    same: impl Fn(&T, &T) -> bool,
) -> (Vec<(&'a T, &'a T)>, Vec<&'a T>, Vec<&'a T>) {
    let mut rest: Vec<&T> = right.iter().collect();
    let (mut pairs, mut missing) = (Vec::new(), Vec::new());
    for a in left {
        let found = rest.iter().position(|b| {
            if name(a).is_empty() || name(b).is_empty() {
                same(a, b)
            } else {
                name(a) == name(b)
            }
        });
        match found {
            Some(at) => pairs.push((a, rest.remove(at))),
            None => missing.push(a),
        }
    }
    (pairs, missing, rest)
}
