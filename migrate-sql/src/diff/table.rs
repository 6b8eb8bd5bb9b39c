//! Comparing two tables.

use migrate_core::Dialect;

use super::DiffOptions;
use super::difference::{Difference, Part, What};
use super::object::shown;
use super::quotes::{same_expression, same_statement};
use crate::change::ForeignKeyAction;
use crate::expression::Expression;
use crate::schema::{
    Column, Constraint, ForeignKey, Index, IndexKey, Key, Object, Policy, Table, Trigger, same_name,
};

/// What differs between two states of a table.
pub(super) fn compare(
    object: &Object,
    expected: &Table,
    actual: &Table,
    dialect: Dialect,
    options: DiffOptions,
) -> Vec<Difference> {
    let mut parts = Parts::new(object, dialect);
    parts.columns(&expected.columns, &actual.columns, options);
    parts.primary_key(expected.primary_key.as_ref(), actual.primary_key.as_ref());
    parts.unique_keys(&expected.unique, &actual.unique);
    parts.foreign_keys(&expected.foreign_keys, &actual.foreign_keys);
    parts.constraints(&expected.constraints, &actual.constraints);
    parts.indexes(&expected.indexes, &actual.indexes);
    parts.triggers(&expected.triggers, &actual.triggers);
    parts.policies(&expected.policies, &actual.policies);
    parts.whole(expected, actual);
    parts.differences
}

/// Collects what differs in the parts of one object.
pub(super) struct Parts<'o> {
    object: &'o Object,
    dialect: Dialect,
    pub(super) differences: Vec<Difference>,
}

impl<'o> Parts<'o> {
    pub(super) fn new(object: &'o Object, dialect: Dialect) -> Self {
        Parts {
            object,
            dialect,
            differences: Vec::new(),
        }
    }

    fn add(&mut self, part: Option<Part>, what: What) {
        self.differences
            .push(Difference::of(self.object, part, what));
    }

    fn property(
        &mut self,
        part: &Option<Part>,
        property: &'static str,
        expected: String,
        actual: String,
    ) {
        if expected != actual {
            self.differs(part, property, expected, actual);
        }
    }

    fn differs(
        &mut self,
        part: &Option<Part>,
        property: &'static str,
        expected: String,
        actual: String,
    ) {
        self.add(
            part.clone(),
            What::Differs {
                property,
                expected,
                actual,
            },
        );
    }

    fn expression(
        &mut self,
        part: &Option<Part>,
        property: &'static str,
        expected: Option<&Expression>,
        actual: Option<&Expression>,
    ) {
        if !same_expression(self.dialect, expected, actual) {
            self.differs(part, property, shown(expected), shown(actual));
        }
    }

    /// Pairs what is the same thing on both sides; the rest is missing or extra.
    fn pair<T>(
        &mut self,
        expected: &[T],
        actual: &[T],
        same: impl Fn(&T, &T) -> bool,
        part: impl Fn(&T) -> Part,
        mut compare: impl FnMut(&mut Self, &T, &T),
    ) {
        let mut taken = vec![false; actual.len()];
        for one in expected {
            let at = actual
                .iter()
                .zip(&taken)
                .position(|(other, taken)| !taken && same(one, other));
            match at {
                Some(at) => {
                    if let (Some(taken), Some(other)) = (taken.get_mut(at), actual.get(at)) {
                        *taken = true;
                        compare(self, one, other);
                    }
                }
                None => self.add(Some(part(one)), What::Missing),
            }
        }
        for (other, taken) in actual.iter().zip(taken) {
            if !taken {
                self.add(Some(part(other)), What::Extra);
            }
        }
    }

    fn whole(&mut self, expected: &Table, actual: &Table) {
        let yes = |it: bool| if it { "yes" } else { "no" }.to_owned();
        self.property(
            &None,
            "unlogged",
            yes(expected.unlogged),
            yes(actual.unlogged),
        );
        self.property(
            &None,
            "row level security",
            yes(expected.row_security),
            yes(actual.row_security),
        );
        self.property(
            &None,
            "forced row level security",
            yes(expected.forced_row_security),
            yes(actual.forced_row_security),
        );
        let parent = |it: &Table| {
            it.partition_of
                .as_ref()
                .map_or_else(|| "none".to_owned(), ToString::to_string)
        };
        self.property(&None, "partition of", parent(expected), parent(actual));
        let inherits = |it: &Table| {
            let mut names: Vec<String> = it.inherits.iter().map(ToString::to_string).collect();
            names.sort_unstable();
            names.join(", ")
        };
        self.property(&None, "inherits", inherits(expected), inherits(actual));
        if self.dialect == Dialect::Sqlite {
            let options = |it: &Table| {
                let mut names: Vec<&str> = it.options.iter().map(|it| it.name.as_str()).collect();
                names.sort_unstable();
                names.join(", ")
            };
            self.property(&None, "options", options(expected), options(actual));
        }
    }

    fn columns(&mut self, expected: &[Column], actual: &[Column], options: DiffOptions) {
        let dialect = self.dialect;
        self.pair(
            expected,
            actual,
            |one, other| same_name(dialect, &one.name, &other.name),
            |column| Part::Column(column.name.clone()),
            |this, one, other| this.column(one, other),
        );
        let names = |columns: &[Column]| {
            let names: Vec<&str> = columns.iter().map(|it| it.name.as_str()).collect();
            names.join(", ")
        };
        if options.column_order {
            let same_set = expected
                .iter()
                .all(|it| actual.iter().any(|other| other.name == it.name));
            if same_set && expected.len() == actual.len() {
                self.property(&None, "column order", names(expected), names(actual));
            }
        }
    }

    fn column(&mut self, one: &Column, other: &Column) {
        let part = Some(Part::Column(one.name.clone()));
        let text = |it: &Option<crate::column_type::ColumnType>| {
            it.as_ref()
                .map_or_else(|| "none".to_owned(), ToString::to_string)
        };
        let known = one.column_type.is_some() && other.column_type.is_some();
        // Only on SQLite may a column have no type; elsewhere it is not known then.
        if known || self.dialect == Dialect::Sqlite {
            self.property(
                &part,
                "type",
                text(&one.column_type),
                text(&other.column_type),
            );
        }
        let null = |it: &Column| if it.nullable { "NULL" } else { "NOT NULL" }.to_owned();
        self.property(&part, "takes", null(one), null(other));
        if !self.is_evaluated(one, other) {
            self.expression(
                &part,
                "default",
                one.default.as_ref(),
                other.default.as_ref(),
            );
        }
        self.expression(
            &part,
            "generated as",
            one.generated.as_ref().map(|it| &it.expression),
            other.generated.as_ref().map(|it| &it.expression),
        );
        let identity = |it: &Column| match it.identity {
            Some(crate::change::Identity::Always) => "always",
            Some(crate::change::Identity::ByDefault) => "by default",
            None => "none",
        };
        self.property(
            &part,
            "identity",
            identity(one).to_owned(),
            identity(other).to_owned(),
        );
        let auto = |it: &Column| if it.auto_increment { "yes" } else { "no" }.to_owned();
        self.property(&part, "auto increment", auto(one), auto(other));
        let text = |it: &Option<String>| it.clone().unwrap_or_else(|| "none".to_owned());
        self.property(
            &part,
            "on update",
            text(&one.on_update),
            text(&other.on_update),
        );
        // MySQL's catalogue names both for every column, a script only where they are not the
        // table's.
        let from_both =
            self.dialect != Dialect::Mysql || one.origin.is_some() == other.origin.is_some();
        for (property, one, other) in [
            ("collation", &one.collation, &other.collation),
            ("character set", &one.charset, &other.charset),
        ] {
            if from_both || (one.is_some() && other.is_some()) {
                self.property(&part, property, text(one), text(other));
            }
        }
    }

    /// Whether the default is one that a script writes as text and PostgreSQL keeps as the value that
    /// it read out of it, so that the two cannot be compared: 'f' is false, 'epoch' is 1970-01-01.
    fn is_evaluated(&self, one: &Column, other: &Column) -> bool {
        let written = match (&one.origin, &other.origin) {
            (Some(_), None) => one,
            (None, Some(_)) => other,
            _ => return false,
        };
        let is_literal = written
            .default
            .as_ref()
            .is_some_and(|default| default.text.starts_with('\''));
        let is_value = written.column_type.as_ref().is_some_and(|it| {
            it.dimensions == 0
                && (it.name == "boolean"
                    || it.name == "date"
                    || it.name == "interval"
                    || it.name.starts_with("time"))
        });
        self.dialect == Dialect::Postgres
            && is_literal
            && is_value
            && one.default.is_some()
            && other.default.is_some()
    }

    fn primary_key(&mut self, expected: Option<&Key>, actual: Option<&Key>) {
        match (expected, actual) {
            (Some(one), Some(other)) => self.key(&Some(Part::PrimaryKey), one, other),
            (Some(_), None) => self.add(Some(Part::PrimaryKey), What::Missing),
            (None, Some(_)) => self.add(Some(Part::PrimaryKey), What::Extra),
            (None, None) => {}
        }
    }

    fn unique_keys(&mut self, expected: &[Key], actual: &[Key]) {
        self.pair(
            expected,
            actual,
            |one, other| one.name == other.name,
            |key| Part::UniqueKey(key.name.clone()),
            |this, one, other| this.key(&Some(Part::UniqueKey(one.name.clone())), one, other),
        );
    }

    fn key(&mut self, part: &Option<Part>, one: &Key, other: &Key) {
        if named_alike(self.dialect, &one.name, &other.name).is_some() {
            self.property(part, "name", one.name.clone(), other.name.clone());
        }
        self.columns_of(part, &one.columns, &other.columns);
        self.flag(
            part,
            "NULLS NOT DISTINCT",
            one.nulls_not_distinct,
            other.nulls_not_distinct,
        );
        self.flag(part, "deferrable", one.deferrable, other.deferrable);
        self.flag(
            part,
            "initially deferred",
            one.initially_deferred,
            other.initially_deferred,
        );
    }

    fn flag(&mut self, part: &Option<Part>, property: &'static str, one: bool, other: bool) {
        let yes = |it: bool| if it { "yes" } else { "no" }.to_owned();
        self.property(part, property, yes(one), yes(other));
    }

    fn columns_of(&mut self, part: &Option<Part>, one: &[String], other: &[String]) {
        if !same_names(self.dialect, one, other) {
            self.property(part, "columns", one.join(", "), other.join(", "));
        }
    }

    fn foreign_keys(&mut self, expected: &[ForeignKey], actual: &[ForeignKey]) {
        let dialect = self.dialect;
        let same = |one: &ForeignKey, other: &ForeignKey| {
            named_alike(dialect, &one.name, &other.name).unwrap_or_else(|| {
                same_names(dialect, &one.columns, &other.columns)
                    && same_name(dialect, &one.references.name, &other.references.name)
            })
        };
        self.pair(
            expected,
            actual,
            same,
            Part::of_foreign_key,
            |this, one, other| {
                this.foreign_key(&Some(Part::of_foreign_key(one)), one, other);
            },
        );
    }

    fn foreign_key(&mut self, part: &Option<Part>, one: &ForeignKey, other: &ForeignKey) {
        self.columns_of(part, &one.columns, &other.columns);
        if one.references.schema != other.references.schema
            || !same_name(self.dialect, &one.references.name, &other.references.name)
        {
            self.property(
                part,
                "references",
                one.references.to_string(),
                other.references.to_string(),
            );
        }
        // On SQLite the columns may be left open.
        if !one.referenced_columns.is_empty() && !other.referenced_columns.is_empty() {
            self.columns_of(part, &one.referenced_columns, &other.referenced_columns);
        }
        self.action(part, "ON DELETE", one.on_delete, other.on_delete);
        self.action(part, "ON UPDATE", one.on_update, other.on_update);
        self.flag(part, "deferrable", one.deferrable, other.deferrable);
        self.flag(
            part,
            "initially deferred",
            one.initially_deferred,
            other.initially_deferred,
        );
        self.flag(part, "validated", one.validated, other.validated);
    }

    fn action(
        &mut self,
        part: &Option<Part>,
        property: &'static str,
        one: ForeignKeyAction,
        other: ForeignKeyAction,
    ) {
        let text = |action: ForeignKeyAction| {
            match action {
                // InnoDB does the same for both, and MariaDB says RESTRICT for either.
                ForeignKeyAction::NoAction | ForeignKeyAction::Restrict
                    if self.dialect == Dialect::Mysql =>
                {
                    "RESTRICT"
                }
                ForeignKeyAction::NoAction => "NO ACTION",
                ForeignKeyAction::Restrict => "RESTRICT",
                ForeignKeyAction::Cascade => "CASCADE",
                ForeignKeyAction::SetNull => "SET NULL",
                ForeignKeyAction::SetDefault => "SET DEFAULT",
            }
            .to_owned()
        };
        let (one, other) = (text(one), text(other));
        self.property(part, property, one, other);
    }

    fn constraints(&mut self, expected: &[Constraint], actual: &[Constraint]) {
        let dialect = self.dialect;
        // MySQL and MariaDB name checks by rules of their own, SQLite not at all.
        let same = |one: &Constraint, other: &Constraint| match dialect {
            Dialect::Postgres => one.name == other.name,
            _ => {
                same_expression(dialect, one.check.as_ref(), other.check.as_ref())
                    && one.exclude == other.exclude
            }
        };
        self.pair(
            expected,
            actual,
            same,
            Part::of_constraint,
            |this, one, other| {
                let part = Some(Part::of_constraint(one));
                this.expression(&part, "condition", one.check.as_ref(), other.check.as_ref());
                this.flag(&part, "validated", one.validated, other.validated);
            },
        );
    }

    pub(super) fn indexes(&mut self, expected: &[Index], actual: &[Index]) {
        let dialect = self.dialect;
        let same = |one: &Index, other: &Index| {
            named_alike(dialect, &one.name, &other.name).unwrap_or_else(|| {
                one.unique == other.unique
                    && one.predicate == other.predicate
                    && same_keys(dialect, &one.keys, &other.keys)
            })
        };
        self.pair(
            expected,
            actual,
            same,
            Part::of_index,
            |this, one, other| {
                this.index(&Some(Part::of_index(one)), one, other);
            },
        );
    }

    fn index(&mut self, part: &Option<Part>, one: &Index, other: &Index) {
        self.flag(part, "unique", one.unique, other.unique);
        self.property(part, "method", one.method.clone(), other.method.clone());
        if !same_keys(self.dialect, &one.keys, &other.keys) {
            self.differs(
                part,
                "columns",
                keys_text(&one.keys),
                keys_text(&other.keys),
            );
        }
        self.columns_of(part, &one.include, &other.include);
        self.flag(
            part,
            "NULLS NOT DISTINCT",
            one.nulls_not_distinct,
            other.nulls_not_distinct,
        );
        self.expression(
            part,
            "condition",
            one.predicate.as_ref(),
            other.predicate.as_ref(),
        );
        self.flag(part, "valid", one.valid, other.valid);
    }

    fn triggers(&mut self, expected: &[Trigger], actual: &[Trigger]) {
        let dialect = self.dialect;
        let part = |trigger: &Trigger| Part::Trigger(trigger.name.clone());
        self.pair(
            expected,
            actual,
            |one, other| same_name(dialect, &one.name, &other.name),
            part,
            |this, one, other| {
                let part = Some(part(one));
                let function = |it: &Trigger| {
                    it.function
                        .as_ref()
                        .map_or_else(|| "none".to_owned(), ToString::to_string)
                };
                this.property(&part, "function", function(one), function(other));
                let timing = |it: &Trigger| format!("{:?}", it.timing).to_lowercase();
                this.property(&part, "timing", timing(one), timing(other));
                let written = one.origin.is_some() && other.origin.is_some();
                let statements = (one.statement.as_deref(), other.statement.as_deref());
                if written
                    && one.definition != other.definition
                    && !same_statement(dialect, statements.0, statements.1)
                {
                    this.property(
                        &part,
                        "body",
                        one.definition.clone(),
                        other.definition.clone(),
                    );
                }
            },
        );
    }

    fn policies(&mut self, expected: &[Policy], actual: &[Policy]) {
        let part = |policy: &Policy| Part::Policy(policy.name.clone());
        self.pair(
            expected,
            actual,
            |one, other| one.name == other.name,
            part,
            |this, one, other| {
                if one.expressions != other.expressions {
                    let text = |it: &Policy| {
                        let texts: Vec<&str> =
                            it.expressions.iter().map(|it| it.text.as_str()).collect();
                        texts.join("; ")
                    };
                    this.differs(&Some(part(one)), "conditions", text(one), text(other));
                }
            },
        );
    }
}

/// Whether two things have one name; `None` where one of them has none, as keys on SQLite, so that
/// what they say decides.
fn named_alike(dialect: Dialect, one: &str, other: &str) -> Option<bool> {
    (!one.is_empty() && !other.is_empty()).then(|| same_name(dialect, one, other))
}

fn same_names(dialect: Dialect, one: &[String], other: &[String]) -> bool {
    one.len() == other.len()
        && one
            .iter()
            .zip(other)
            .all(|(one, other)| same_name(dialect, one, other))
}

fn same_keys(dialect: Dialect, one: &[IndexKey], other: &[IndexKey]) -> bool {
    one.len() == other.len()
        && one
            .iter()
            .zip(other)
            .all(|(one, other)| same_key(dialect, one, other))
}

fn same_key(dialect: Dialect, one: &IndexKey, other: &IndexKey) -> bool {
    let columns = match (&one.column, &other.column) {
        (Some(one), Some(other)) => same_name(dialect, one, other),
        (None, None) => true,
        _ => false,
    };
    columns
        && one.expression == other.expression
        && one.descending == other.descending
        && one.nulls_first == other.nulls_first
        && one.collation == other.collation
        && one.operator_class == other.operator_class
        && one.prefix == other.prefix
}

pub(super) fn keys_text(keys: &[IndexKey]) -> String {
    let texts: Vec<String> = keys
        .iter()
        .map(|key| {
            let mut text = match (&key.column, &key.expression) {
                (Some(column), _) => column.clone(),
                (None, Some(expression)) => format!("({})", expression.text),
                (None, None) => String::new(),
            };
            if let Some(prefix) = key.prefix {
                text.push_str(&format!("({prefix})"));
            }
            if let Some(collation) = &key.collation {
                text.push_str(&format!(" COLLATE {collation}"));
            }
            if let Some(class) = &key.operator_class {
                text.push_str(&format!(" {class}"));
            }
            if key.descending {
                text.push_str(" DESC");
            }
            match key.nulls_first {
                Some(true) => text.push_str(" NULLS FIRST"),
                Some(false) => text.push_str(" NULLS LAST"),
                None => {}
            }
            text
        })
        .collect();
    texts.join(", ")
}
