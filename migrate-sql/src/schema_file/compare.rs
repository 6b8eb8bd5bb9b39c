//! The tables of the file against those of the model.

use std::ops::Range;
use std::sync::Arc;

use migrate_core::{Diagnostic, Dialect, SourceFile, closest, rule};

use super::allow::{self, Found};
use super::macros::{self, Column, Table};
use crate::emit::diesel::{ColumnDefinition, DieselSchema, rust_name};
use crate::name::{Ident, ObjectName};
use crate::schema::{self, Object, ObjectId, Schema, listed, place};

/// Everything in which the file disagrees with the schema that the migrations make.
pub(crate) fn check(source: &Arc<SourceFile>, schema: &Schema) -> Vec<Diagnostic> {
    let file = macros::read(&source.text);
    let mut comparison = Comparison {
        source,
        schema,
        found: Vec::new(),
    };
    let mut known = Vec::new();
    for table in &file.tables {
        known.extend(comparison.table(table));
    }
    let found = std::mem::take(&mut comparison.found);
    let mut findings = allow::apply(source, &file.comments, found);
    findings.extend(file.faults.iter().map(|fault| {
        Diagnostic::new(
            &rule::SCHEMA_FILE,
            format!("the schema file cannot be understood: {}", fault.message),
        )
        .at(source, fault.span.clone(), "")
        .help(format!(
            "correct it, or write it anew with `migrate schema --diesel > {}`",
            source.path
        ))
    }));
    if !file.has_more && file.faults.is_empty() {
        findings.extend(lacking(source, schema, &known));
    }
    findings
}

struct Comparison<'a> {
    source: &'a Arc<SourceFile>,
    schema: &'a Schema,
    found: Vec<Found>,
}

impl<'a> Comparison<'a> {
    fn find(&mut self, table: &Table, column: Option<&Column>, finding: Diagnostic) {
        let heads = std::iter::once(&table.head).chain(column.map(|column| &column.head));
        self.found.push(Found {
            finding,
            heads: heads.cloned().collect(),
        });
    }

    fn finding(&self, message: String, span: &Range<usize>, label: &str) -> Diagnostic {
        Diagnostic::new(&rule::SCHEMA_DIFFERS, message).at(self.source, span.clone(), label)
    }

    /// Compares one table; the identity of what it stands for, where that is known.
    fn table(&mut self, table: &Table) -> Option<ObjectId> {
        let schema = (table.schema.as_ref()).map(|name| self.schema_named(name));
        // Diesel writes the schema into `sql_name` too.
        let bare = schema.and_then(|schema| table.name.strip_prefix(schema)?.strip_prefix('.'));
        let name = ObjectName {
            schema: schema.map(|name| Ident::new(name, table.head.clone())),
            name: Ident::new(bare.unwrap_or(&table.name), table.rust_name.clone()),
        };
        let Some(id) = self.schema.likely_relation(&name) else {
            // The tables of this and other tools are nobody's migration.
            let tools = table.name.starts_with("__") || table.name.starts_with("_migrate_");
            if !tools && !table.conditional {
                self.unknown_table(table);
            }
            return None;
        };
        if let Some(Object::Table(model)) = self.schema.get(&id)
            && self.schema.is_certain(&id)
            && !table.conditional
        {
            self.columns(table, model);
            self.primary_key(table, model);
        }
        Some(id)
    }

    /// The schema that Rust calls so: diesel's macro has no way to write every name.
    fn schema_named<'n>(&'n self, rust: &'n str) -> &'n str {
        let schemas = self
            .schema
            .tables()
            .filter_map(|table| table.name.schema.as_deref());
        let named = |name: &&str| *name == rust || rust_name(name, None) == rust;
        schemas.into_iter().find(named).unwrap_or(rust)
    }

    fn unknown_table(&mut self, table: &Table) {
        let finding = self.finding(
            format!("no migration makes the table `{}`", table.name),
            &table.rust_name,
            "no such table",
        );
        let names = self.schema.tables().map(|table| table.name.name.as_str());
        let help = match closest(&table.name, names) {
            Some(meant) => format!("did you mean `{meant}`?"),
            None => "remove it here, or write a migration that makes it".to_owned(),
        };
        self.find(table, None, finding.help(help));
    }

    fn columns(&mut self, table: &Table, model: &schema::Table) {
        let dialect = self.schema.dialect();
        let same = |a: &str, b: &str| schema::same_name(dialect, a, b);
        let rust_name = self
            .source
            .text
            .get(table.rust_name.clone())
            .unwrap_or_default();
        let missing: Vec<&schema::Column> = model
            .columns
            .iter()
            .filter(|theirs| {
                !table
                    .columns
                    .iter()
                    .any(|ours| same(&ours.name, &theirs.name))
            })
            .collect();
        let mut renamed = Vec::new();
        for column in table.columns.iter().filter(|column| !column.conditional) {
            let theirs = model.columns.iter().find(|it| same(&it.name, &column.name));
            match theirs {
                Some(theirs) => self.column(table, column, model, theirs, rust_name),
                None if is_hidden(&column.name, dialect) => {}
                None => {
                    let names = missing.iter().map(|column| column.name.as_str());
                    let meant = closest(&column.name, names);
                    renamed.extend(meant);
                    self.unknown_column(table, column, model, meant);
                }
            }
        }
        let conditional = table.columns.iter().any(|column| column.conditional);
        for theirs in missing {
            // What diesel has no type for, the app leaves out, unless it made the type itself.
            let Ok(definition) = ColumnDefinition::of(theirs, rust_name, self.schema) else {
                continue;
            };
            if definition.custom && !self.makes_type(theirs) {
                continue;
            }
            if conditional || renamed.contains(&theirs.name.as_str()) {
                continue;
            }
            let finding = self.finding(
                format!("table `{}` lacks the column `{}`", table.name, theirs.name),
                &table.rust_name,
                "",
            );
            let finding = with_origin(finding, model, theirs);
            let help = format!("add `{}`", line(&definition));
            self.find(table, None, finding.help(help));
        }
    }

    /// Whether the type of a column was made by a migration, and not by an extension or the database.
    fn makes_type(&self, column: &schema::Column) -> bool {
        column.column_type.as_ref().is_some_and(|declared| {
            let name = crate::QualifiedName {
                schema: declared.schema.clone(),
                name: declared.name.clone(),
            };
            let id = self.schema.id(schema::Class::Type, &name);
            self.schema.dialect() != Dialect::Postgres || self.schema.get(&id).is_some()
        })
    }

    fn unknown_column(
        &mut self,
        table: &Table,
        column: &Column,
        model: &schema::Table,
        meant: Option<&str>,
    ) {
        let names = model.columns.iter().map(|column| column.name.as_str());
        let has = listed(names);
        let note = match &model.origin {
            Some(origin) => format!(
                "`{}` was created in {}, and has: {has}",
                model.name,
                place(origin)
            ),
            None => format!("in the migrations `{}` has: {has}", model.name),
        };
        let finding = self
            .finding(
                format!(
                    "column `{}` does not exist on table `{}`",
                    column.name, table.name
                ),
                &column.span,
                "no such column",
            )
            .note(note)
            .help(match meant {
                Some(meant) => format!("did you mean `{meant}`?"),
                None => "remove the line, or write a migration that adds the column".to_owned(),
            });
        self.find(table, Some(column), finding);
    }

    fn column(
        &mut self,
        table: &Table,
        column: &Column,
        model: &schema::Table,
        theirs: &schema::Column,
        rust_name: &str,
    ) {
        let Ok(definition) = ColumnDefinition::of(theirs, rust_name, self.schema) else {
            return;
        };
        let sqlite = self.schema.dialect() == Dialect::Sqlite;
        let in_key = model
            .primary_key
            .as_ref()
            .is_some_and(|key| key.columns.contains(&theirs.name));
        let mut sql_type = definition.sql_type;
        // SQLite takes NULL in a primary key where nothing forbids it, which nobody means; and
        // diesel can be told that an integer there has 64 bits, as it has.
        if sqlite && in_key {
            sql_type.nullable = column.column_type.nullable;
        }
        let same_null = column.column_type.nullable == sql_type.nullable;
        let wide_key =
            sqlite && in_key && sql_type.name == "Integer" && column.column_type.is_named("BigInt");
        let fits = wide_key || column.column_type.fits(&sql_type, self.schema.dialect());
        let label = match (fits, same_null) {
            (true, true) => return,
            (false, _) => "another type",
            (true, false) if sql_type.nullable => "may be NULL",
            (true, false) => "is never NULL",
        };
        let written = self.source.text.get(column.type_span.clone());
        let written = written.unwrap_or_default();
        // Where only NULL differs, the type is the app's choice.
        let wanted = match (fits, sql_type.nullable) {
            (false, _) => sql_type.to_string(),
            (true, true) => format!("Nullable<{written}>"),
            (true, false) => unwrapped(written).to_owned(),
        };
        let finding = self.finding(
            format!(
                "column `{}` of table `{}` is `{written}` here, but `{wanted}` by the migrations",
                column.name, table.name
            ),
            &column.type_span,
            label,
        );
        let help = format!("write `{} -> {wanted},`", column.rust_name);
        let finding = with_origin(finding, model, theirs).help(help);
        self.find(table, Some(column), finding);
    }

    /// A table without a primary key gets one here, because diesel needs it.
    fn primary_key(&mut self, table: &Table, model: &schema::Table) {
        let Some(key) = &model.primary_key else {
            return;
        };
        let dialect = self.schema.dialect();
        let sql_name = |rust: &String| {
            let column = table.columns.iter().find(|it| it.rust_name == *rust);
            column.map_or_else(|| rust.clone(), |column| column.name.clone())
        };
        let ours: Vec<String> = table.key.iter().map(sql_name).collect();
        let both = |name: &String| {
            key.columns
                .iter()
                .any(|it| schema::same_name(dialect, it, name))
        };
        if ours.len() == key.columns.len() && ours.iter().all(both) {
            return;
        }
        let rust_name = |name| {
            let mut columns = table.columns.iter();
            columns
                .find(|it| schema::same_name(dialect, &it.name, name))
                .map_or(name, |column| column.rust_name.as_str())
        };
        let columns = key.columns.iter().map(String::as_str);
        let wanted: Vec<&str> = columns.map(rust_name).collect();
        let wanted = wanted.join(", ");
        let span = table.key_span.as_ref().unwrap_or(&table.rust_name);
        let mut finding = self.finding(
            format!(
                "the primary key of table `{}` is ({}) here, but ({}) by the migrations",
                table.name,
                ours.join(", "),
                key.columns.join(", ")
            ),
            span,
            "",
        );
        if let Some(origin) = key.origin.as_ref().or(model.origin.as_ref()) {
            finding = finding.note(format!("the key was created in {}", place(origin)));
        }
        let name = self.source.text.get(table.rust_name.clone());
        let name = name.unwrap_or_default();
        let schema = match &table.schema {
            Some(schema) => format!("{schema}."),
            None => String::new(),
        };
        let help = format!("write `{schema}{name} ({wanted}) {{`");
        self.find(table, None, finding.help(help));
    }
}

fn with_origin(finding: Diagnostic, model: &schema::Table, column: &schema::Column) -> Diagnostic {
    match column.origin.as_ref().or(model.origin.as_ref()) {
        Some(origin) => {
            let place = place(origin);
            finding.note(format!(
                "`{}.{}` comes from {place}",
                model.name, column.name
            ))
        }
        None => finding,
    }
}

/// A column as it has to stand in the file.
fn line(column: &ColumnDefinition) -> String {
    let attribute = match column.rust_name == column.sql_name {
        true => String::new(),
        false => format!("#[sql_name = {:?}] ", column.sql_name),
    };
    format!("{attribute}{} -> {},", column.rust_name, column.sql_type)
}

/// What stands inside of `Nullable<…>`.
fn unwrapped(written: &str) -> &str {
    let inner = written.split_once('<').map_or(written, |(_, inner)| inner);
    inner.strip_suffix('>').unwrap_or(inner).trim()
}

/// Columns that every table has without saying so.
fn is_hidden(name: &str, dialect: Dialect) -> bool {
    let hidden: &[&str] = match dialect {
        Dialect::Postgres => &["ctid", "xmin", "xmax", "cmin", "cmax", "tableoid"],
        Dialect::Sqlite => &["rowid", "oid", "_rowid_"],
        _ => &[],
    };
    hidden.iter().any(|it| schema::same_name(dialect, it, name))
}

/// The tables that the file does not have: on purpose, it may be.
fn lacking(source: &Arc<SourceFile>, schema: &Schema, known: &[ObjectId]) -> Option<Diagnostic> {
    let diesel = DieselSchema::new(schema);
    let names: Vec<String> = diesel
        .tables()
        .filter(|table| table.certain)
        .filter_map(|definition| {
            let name = crate::QualifiedName {
                schema: definition.schema.as_ref().map(|(name, _)| name.clone()),
                name: definition.sql_name.clone(),
            };
            let table = schema.table(&name)?;
            let id = schema.id(schema::Class::Relation, &name);
            let lacks = table.partition_of.is_none() && !known.contains(&id);
            lacks.then(|| definition.full_sql_name())
        })
        .collect();
    let (first, more) = names.split_first()?;
    let message = match more {
        [] => format!("the table `{first}` is not in the schema file"),
        _ => format!("{} tables are not in the schema file", names.len()),
    };
    Some(
        Diagnostic::new(&rule::SCHEMA_LACKS_TABLE, message)
            .at_path(&source.path)
            .note(format!("missing: {}", listed(names.iter().map(String::as_str))))
            .help("`migrate schema --diesel` prints them; set the level of `schema-lacks-table` to off where that is meant"),
    )
}
