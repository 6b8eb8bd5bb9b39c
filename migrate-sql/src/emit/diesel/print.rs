//! The text of the macros, formatted as rustfmt would.

use std::collections::BTreeSet;
use std::fmt::{self, Write as _};

use super::{DieselSchema, Module, TableDefinition};

/// Longer argument lists of a call have a line for each argument.
const CALL_WIDTH: usize = 60;

impl fmt::Display for DieselSchema {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(
            "// @generated from the migrations; `migrate schema --diesel` writes it anew.\n",
        )?;
        for left_out in &self.left_out {
            // A name may hold anything, line breaks too.
            let line = format!("`{}` {}", left_out.table, left_out.reason);
            writeln!(f, "// Left out: {}", line.replace(['\n', '\r'], " "))?;
        }
        for module in &self.modules {
            f.write_str("\n")?;
            match &module.schema {
                None => f.write_str(&text(module))?,
                Some((_, name)) => {
                    writeln!(f, "pub mod {name} {{")?;
                    f.write_str(&indented(&text(module)))?;
                    f.write_str("}\n")?;
                }
            }
        }
        Ok(())
    }
}

fn text(module: &Module) -> String {
    let mut parts = Vec::new();
    if !module.custom_types.is_empty() {
        let types: Vec<_> = module
            .custom_types
            .iter()
            .map(|custom| {
                format!(
                    "    #[derive(diesel::sql_types::SqlType)]\n    #[diesel({})]\n    pub struct {};\n",
                    custom.attribute, custom.name
                )
            })
            .collect();
        parts.push(format!("pub mod sql_types {{\n{}}}\n", types.join("\n")));
    }
    parts.extend(module.tables.iter().map(table));
    if !module.joins.is_empty() {
        let joins = module.joins.iter().map(|join| {
            format!(
                "diesel::joinable!({} -> {} ({}));\n",
                join.child, join.parent, join.column
            )
        });
        parts.push(joins.collect());
    }
    if module.tables.len() > 1 {
        parts.push(same_query(&module.tables));
    }
    parts.join("\n")
}

fn table(table: &TableDefinition) -> String {
    let mut body = String::new();
    let mut imported = BTreeSet::new();
    for column in table.columns.iter().filter(|column| column.custom) {
        if imported.is_empty() {
            body.push_str("use diesel::sql_types::*;\n");
        }
        if imported.insert(&column.sql_type.name) {
            let _ = writeln!(body, "use super::sql_types::{};", column.sql_type.name);
        }
    }
    if !imported.is_empty() {
        body.push('\n');
    }
    if table.rust_name != table.sql_name {
        let _ = writeln!(body, "#[sql_name = {}]", literal(&table.full_sql_name()));
    }
    if let Some((_, schema)) = &table.schema {
        let _ = write!(body, "{schema}.");
    }
    let key = table.primary_key.join(", ");
    let _ = writeln!(body, "{} ({key}) {{", table.rust_name);
    for column in &table.columns {
        if column.rust_name != column.sql_name {
            let _ = writeln!(body, "    #[sql_name = {}]", literal(&column.sql_name));
        }
        if let Some(length) = column.sql_type.max_length {
            let _ = writeln!(body, "    #[max_length = {length}]");
        }
        let _ = writeln!(body, "    {} -> {},", column.rust_name, column.sql_type);
    }
    body.push_str("}\n");
    format!("diesel::table! {{\n{}}}\n", indented(&body))
}

fn same_query(tables: &[TableDefinition]) -> String {
    const MACRO: &str = "diesel::allow_tables_to_appear_in_same_query!";
    let names: Vec<_> = tables.iter().map(|table| &*table.rust_name).collect();
    let line = format!("{},", names.join(", "));
    if line.len() <= CALL_WIDTH && MACRO.len() + line.len() + 3 <= 100 {
        return format!("{MACRO}({line});\n");
    }
    let names: String = names.iter().map(|name| format!("    {name},\n")).collect();
    format!("{MACRO}(\n{names});\n")
}

/// Four spaces before every line that is not empty.
fn indented(text: &str) -> String {
    text.split_inclusive('\n')
        .map(|line| match line {
            "\n" => line.to_owned(),
            _ => format!("    {line}"),
        })
        .collect()
}

/// A string in Rust, raw where it holds quotes.
pub(super) fn literal(text: &str) -> String {
    if !text.contains('"') {
        return format!("{text:?}");
    }
    let hashes = "#".repeat(text.matches('#').count() + 1);
    format!("r{hashes}\"{text}\"{hashes}")
}
