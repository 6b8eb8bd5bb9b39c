//! What a table is called in evidence.

/// The name of a table in evidence: `public.orders` on PostgreSQL, `orders` elsewhere. A part that
/// holds a dot or a double quote stands in double quotes, so that two tables never share a name.
///
/// ```
/// use migrate_ops::digest::table_name;
///
/// assert_eq!(table_name(Some("public"), "orders"), "public.orders");
/// assert_eq!(table_name(Some("a.b"), "c"), "\"a.b\".c");
/// assert_eq!(table_name(None, "orders"), "orders");
/// ```
pub fn table_name(schema: Option<&str>, table: &str) -> String {
    match schema {
        Some(schema) => format!("{}.{}", part(schema), part(table)),
        None => part(table),
    }
}

fn part(name: &str) -> String {
    match name.contains(['.', '"']) {
        true => format!("\"{}\"", name.replace('"', "\"\"")),
        false => name.to_owned(),
    }
}
