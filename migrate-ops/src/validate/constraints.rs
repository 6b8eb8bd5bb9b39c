//! The rules of the schema against every row: what the catalogue says is not trusted.

use diesel::QueryResult;
use diesel::connection::LoadConnection;
use migrate_runtime::Database;
use migrate_sql::QualifiedName;
use migrate_sql::schema::{ForeignKey, Index, Schema, Table};
use sha2::{Digest as _, Sha256};

use super::check::{Finding, check};
use super::evidence::{Check, CheckKind};
use super::inspect::{Asker, Inspect};
use crate::introspect::{sql_name, table_name_of};

/// How many of the rows that are not as they should be are told.
const KEYS: usize = 5;

/// Checks the rules of a schema, one check a rule, each handed to `done` as soon as it is made.
pub(super) struct Constraints<'a, C> {
    pub(super) conn: &'a mut C,
    pub(super) schema: &'a Schema,
    pub(super) show_values: bool,
}

/// A rule as a query for the rows that break it.
struct Rule {
    kind: CheckKind,
    subject: String,
    /// What stands after SELECT …: the rows, or for keys the groups of rows, that break the rule.
    from: String,
    /// Columns that tell such a row.
    key: Vec<String>,
    message: &'static str,
}

impl<C> Constraints<'_, C>
where
    C: LoadConnection,
    C::Backend: Inspect,
{
    pub(super) fn check(mut self, done: &mut dyn FnMut(Check) -> bool) -> bool {
        // A partition has the rules of the table that it is a part of.
        let schema = self.schema;
        let tables = schema
            .tables()
            .filter(|it| !it.foreign && !it.temporary && it.partition_of.is_none());
        for table in tables {
            for key in &table.foreign_keys {
                let check = match self.schema.table(&key.references) {
                    Some(_) => self.carry_out(&self.foreign_key(table, key)),
                    None => check(CheckKind::ForeignKey, subject(table, &key.name), || {
                        Ok(Finding::failed("the table that it references is not there"))
                    }),
                };
                if !done(check) {
                    return false;
                }
            }
            for rule in self.rules(table) {
                if !done(self.carry_out(&rule)) {
                    return false;
                }
            }
        }
        true
    }

    fn carry_out(&mut self, rule: &Rule) -> Check {
        check(rule.kind, rule.subject.as_str(), || {
            let count = C::Backend::text("COUNT(*)");
            let sql = format!("SELECT {count} FROM {}", rule.from);
            let found = self.rows(&sql)?;
            let found: u64 = found
                .first()
                .and_then(|text| text.parse().ok())
                .unwrap_or_default();
            let mut keys = Vec::new();
            if found > 0 && !rule.key.is_empty() {
                let key = C::Backend::joined(&rule.key);
                keys = self.rows(&format!("SELECT {key} FROM {} LIMIT {KEYS}", rule.from))?;
                if !self.show_values {
                    keys = keys.iter().map(|key| hashed(key)).collect();
                }
            }
            Ok(Finding::counted(found, keys, rule.message))
        })
    }

    fn rows(&mut self, sql: &str) -> QueryResult<Vec<String>> {
        let rows =
            C::Backend::reading(self.conn, Asker::System, |conn| C::Backend::rows(conn, sql))?;
        Ok(rows.into_iter().flatten().flatten().collect())
    }

    fn foreign_key(&self, table: &Table, key: &ForeignKey) -> Rule {
        let of = |alias: &str, columns: &[String]| -> Vec<String> {
            let quoted = columns
                .iter()
                .map(|it| format!("{alias}.{}", quote::<C>(it)));
            quoted.collect()
        };
        let child = of("c", &key.columns);
        let parent = of("p", &key.referenced_columns);
        let given: Vec<String> = child.iter().map(|it| format!("{it} IS NOT NULL")).collect();
        let equal: Vec<String> = child
            .iter()
            .zip(&parent)
            .map(|(child, parent)| format!("{parent} = {child}"))
            .collect();
        Rule {
            kind: CheckKind::ForeignKey,
            subject: subject(table, &key.name),
            from: format!(
                "{} c WHERE {} AND NOT EXISTS (SELECT 1 FROM {} p WHERE {})",
                from::<C>(&table.name),
                given.join(" AND "),
                from::<C>(&key.references),
                equal.join(" AND ")
            ),
            key: match &table.primary_key {
                Some(primary) => of("c", &primary.columns),
                None => child,
            },
            message: "rows have no parent",
        }
    }

    fn rules(&self, table: &Table) -> Vec<Rule> {
        let mut rules = Vec::new();
        let quoted = |columns: &[String]| columns.iter().map(|it| quote::<C>(it)).collect();
        for key in table.keys() {
            let columns: Vec<String> = quoted(&key.columns);
            rules.push(unique::<C>(
                table,
                &key.name,
                columns,
                None,
                key.nulls_not_distinct,
            ));
        }
        for index in table.indexes.iter().filter(|index| index.unique) {
            if let Some(columns) = plain_columns(index) {
                let predicate = index.predicate.as_ref().map(|it| it.text.as_str());
                let columns = quoted(&columns);
                let distinct = index.nulls_not_distinct;
                rules.push(unique::<C>(
                    table,
                    &index.name,
                    columns,
                    predicate,
                    distinct,
                ));
            }
        }
        let key: Vec<String> = match &table.primary_key {
            Some(key) => quoted(&key.columns),
            None => Vec::new(),
        };
        let name = table_name_of(<C::Backend as Database>::DIALECT, &table.name);
        let full: Vec<String> = table
            .columns
            .iter()
            .filter(|column| !column.nullable)
            .map(|column| quote::<C>(&column.name))
            .collect();
        if C::Backend::LOOKS_FOR_NULL && !full.is_empty() {
            rules.push(Rule {
                kind: CheckKind::NotNull,
                subject: name.clone(),
                from: format!(
                    "{} WHERE {}",
                    from::<C>(&table.name),
                    C::Backend::any_null(&full)
                ),
                key: key.clone(),
                message: "rows have NULL in a column that does not take it",
            });
        }
        for constraint in &table.constraints {
            let Some(expression) = &constraint.check else {
                continue;
            };
            rules.push(Rule {
                kind: CheckKind::Check,
                subject: subject(table, &constraint.name),
                from: format!(
                    "{} WHERE NOT ({}\n)",
                    from::<C>(&table.name),
                    expression.text
                ),
                key: key.clone(),
                message: "rows break it",
            });
        }
        rules
    }
}

/// Equal keys. NULL is equal to nothing, unless the key says otherwise.
fn unique<C: LoadConnection>(
    table: &Table,
    name: &str,
    columns: Vec<String>,
    predicate: Option<&str>,
    nulls_not_distinct: bool,
) -> Rule
where
    C::Backend: Inspect,
{
    let mut conditions: Vec<String> = predicate
        .map(|it| format!("({it}\n)"))
        .into_iter()
        .collect();
    if !nulls_not_distinct {
        conditions.extend(columns.iter().map(|it| format!("{it} IS NOT NULL")));
    }
    let condition = match conditions.is_empty() {
        true => String::new(),
        false => format!(" WHERE {}", conditions.join(" AND ")),
    };
    let list = columns.join(", ");
    Rule {
        kind: CheckKind::Unique,
        subject: subject(table, name),
        from: format!(
            "(SELECT {list} FROM {}{condition} GROUP BY {list} HAVING COUNT(*) > 1) doubles",
            C::Backend::without_index(&from::<C>(&table.name))
        ),
        key: columns,
        message: "keys are there more than once",
    }
}

/// The columns of an index that has nothing else.
fn plain_columns(index: &Index) -> Option<Vec<String>> {
    let plain = index.keys.iter().all(|key| key.expression.is_none());
    let columns: Option<Vec<String>> = index.keys.iter().map(|key| key.column.clone()).collect();
    columns.filter(|_| plain)
}

fn quote<C: LoadConnection>(name: &str) -> String
where
    C::Backend: Inspect,
{
    <C::Backend as Database>::DIALECT.quote_identifier(name)
}

/// A table as it stands after FROM.
fn from<C: LoadConnection>(name: &QualifiedName) -> String
where
    C::Backend: Inspect,
{
    sql_name(<C::Backend as Database>::DIALECT, name)
}

/// A constraint: its table and its name.
fn subject(table: &Table, name: &str) -> String {
    format!("{}.{name}", table.name)
}

/// The first 64 bits of SHA-256, in hexadecimal.
pub(super) fn hashed(text: &str) -> String {
    let hash = Sha256::digest(text.as_bytes()).0;
    hash.iter()
        .take(8)
        .map(|byte| format!("{byte:02x}"))
        .collect()
}
