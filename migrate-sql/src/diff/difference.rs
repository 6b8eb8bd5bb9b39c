//! One difference, and how it reads.

use std::fmt;

use crate::change::ObjectKind;
use crate::name::QualifiedName;
use crate::schema::{Constraint, ForeignKey, Index, Object};

use super::table::keys_text;

/// One thing in which two schemas differ. Displayed as one line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Difference {
    /// The sort of object.
    pub kind: ObjectKind,
    /// The object.
    pub name: QualifiedName,
    /// What of it, where it is not the whole object.
    pub part: Option<Part>,
    /// How it differs.
    pub what: What,
}

/// Something that belongs to an object.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Part {
    /// A column.
    Column(String),
    /// The primary key.
    PrimaryKey,
    /// A unique constraint.
    UniqueKey(String),
    /// A foreign key, by its name or, where it has none, its columns.
    ForeignKey(String),
    /// A check, by its name or, where it has none, its condition.
    Check(String),
    /// An exclusion constraint.
    Exclude(String),
    /// An index.
    Index(String),
    /// A trigger.
    Trigger(String),
    /// A row security policy.
    Policy(String),
}

impl Part {
    pub(crate) fn of_foreign_key(key: &ForeignKey) -> Self {
        Part::ForeignKey(if key.name.is_empty() {
            key.columns.join(", ")
        } else {
            key.name.clone()
        })
    }

    pub(crate) fn of_constraint(constraint: &Constraint) -> Self {
        match &constraint.check {
            Some(check) if constraint.name.is_empty() => Part::Check(check.text.clone()),
            Some(_) => Part::Check(constraint.name.clone()),
            None => Part::Exclude(constraint.name.clone()),
        }
    }

    pub(crate) fn of_index(index: &Index) -> Self {
        Part::Index(if index.name.is_empty() {
            format!("UNIQUE ({})", keys_text(&index.keys))
        } else {
            index.name.clone()
        })
    }
}

/// How something differs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum What {
    /// It should be there and is not.
    Missing,
    /// It is there and should not be.
    Extra,
    /// It is there but not as it should be.
    Differs {
        /// In what: `type`, `default`.
        property: &'static str,
        /// As it should be.
        expected: String,
        /// As it is.
        actual: String,
    },
}

impl Difference {
    pub(super) fn of(object: &Object, part: Option<Part>, what: What) -> Self {
        Difference {
            kind: object.kind(),
            name: object.name(),
            part,
            what,
        }
    }

    /// What differs, without how: "column `email` of `users`".
    pub fn subject(&self) -> String {
        let name = &self.name;
        match &self.part {
            None => format!("{} `{name}`", self.kind.name()),
            Some(Part::Column(column)) => format!("column `{column}` of `{name}`"),
            Some(Part::PrimaryKey) => format!("the primary key of `{name}`"),
            Some(Part::UniqueKey(key)) => format!("unique key `{key}` of `{name}`"),
            Some(Part::ForeignKey(key)) => format!("foreign key `{key}` of `{name}`"),
            Some(Part::Check(check)) => format!("check `{check}` of `{name}`"),
            Some(Part::Exclude(constraint)) => format!("constraint `{constraint}` of `{name}`"),
            Some(Part::Index(index)) => format!("index `{index}` on `{name}`"),
            Some(Part::Trigger(trigger)) => format!("trigger `{trigger}` on `{name}`"),
            Some(Part::Policy(policy)) => format!("policy `{policy}` on `{name}`"),
        }
    }
}

impl fmt::Display for Difference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let subject = self.subject();
        match &self.what {
            What::Missing => write!(f, "{subject} is missing"),
            What::Extra => write!(f, "{subject} should not be there"),
            What::Differs {
                property,
                expected,
                actual,
            } => write!(f, "{subject}: {property} {actual}, not {expected}"),
        }
    }
}
