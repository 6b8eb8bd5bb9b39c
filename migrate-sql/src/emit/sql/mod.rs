//! Schemas as SQL: the statements that lead from one to another.
//!
//! What differs is what [`diff`](crate::diff) finds, and nothing else: after the statements ran, the
//! two schemas are equal to it. What cannot be said in SQL, what loses data and what somebody should
//! look at is a [`Remark`], never left out in silence.
//!
//! ```
//! use migrate_core::Dialect;
//! use migrate_sql::emit::sql;
//! use migrate_sql::schema::{Object, Schema, Table};
//! use migrate_sql::QualifiedName;
//!
//! let mut before = Schema::new(Dialect::Postgres);
//! before.insert(Object::Table(Table::new(QualifiedName::unqualified("old"))));
//! let script = sql::migrate(&before, &Schema::new(Dialect::Postgres));
//! assert_eq!(script.statements, ["DROP TABLE old"]);
//! assert_eq!(script.remarks[0].to_string(), "table `old` goes, and its rows with it");
//! ```

mod definition;
mod loss;
mod mysql;
mod order;
mod plan;
mod postgres;
mod remark;
mod renames;
mod sqlite;
mod table_change;
mod text;

use std::fmt;

use migrate_core::Dialect;

use crate::schema::Schema;
use plan::{Plan, Purpose};

pub use remark::{Remark, RemarkKind};
pub use renames::undone as undone_renames;

/// Statements in the order in which they have to run, and what is to be said about them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Scripted {
    /// The statements, without what ends them.
    pub statements: Vec<String>,
    /// What is to be said, in no order.
    pub remarks: Vec<Remark>,
}

impl Scripted {
    /// The statements as a script; empty where there is none.
    pub fn script(&self) -> String {
        let mut script = String::new();
        let mut apart = false;
        for statement in &self.statements {
            // A statement of several lines stands apart.
            let several = statement.contains('\n');
            if !script.is_empty() && (apart || several) {
                script.push('\n');
            }
            apart = several;
            script.push_str(statement);
            script.push_str(";\n");
        }
        script
    }

    fn add(&mut self, statement: impl Into<String>) {
        let mut statement = statement.into();
        let end = |c: char| c.is_whitespace() || c == ';';
        statement.truncate(statement.trim_end_matches(end).len());
        self.statements.push(statement);
    }

    /// Adds the statement that makes something, or says that nobody knows it.
    fn create(&mut self, what: impl fmt::Display, statement: Option<String>) {
        match statement {
            Some(statement) => self.add(statement),
            None => self.cannot(format!(
                "cannot create {what}: the statement that makes it is not known"
            )),
        }
    }

    fn remark(&mut self, kind: RemarkKind, text: impl Into<String>) {
        let remark = Remark {
            kind,
            text: text.into(),
        };
        if !self.remarks.contains(&remark) {
            self.remarks.push(remark);
        }
    }

    pub(crate) fn cannot(&mut self, text: impl Into<String>) {
        self.remark(RemarkKind::Cannot, text);
    }

    fn loses(&mut self, text: impl Into<String>) {
        self.remark(RemarkKind::Loses, text);
    }

    pub(crate) fn look(&mut self, text: impl Into<String>) {
        self.remark(RemarkKind::Look, text);
    }
}

/// The statements that make a schema in an empty database. What is not known for certain is made as
/// far as it is known, with a remark.
pub fn create(schema: &Schema) -> Scripted {
    emit(Plan::create(schema))
}

/// The statements that lead from one schema to another. Objects that one of the two does not know for
/// certain are left as they are.
pub fn migrate(from: &Schema, to: &Schema) -> Scripted {
    emit(Plan::new(from, to, Purpose::Forward))
}

/// As [`migrate`], for the way back after another one: what that one made goes without a word, and of
/// what that one dropped it is said that its data does not come back.
pub fn revert(from: &Schema, to: &Schema) -> Scripted {
    emit(Plan::new(from, to, Purpose::Back))
}

fn emit(plan: Plan<'_>) -> Scripted {
    match plan.to.dialect() {
        Dialect::Mysql => mysql::emit(plan),
        Dialect::Sqlite => sqlite::emit(plan),
        _ => postgres::emit(plan),
    }
}
