//! The schema as an entity-relationship diagram of Mermaid.
//!
//! A table is an entity, a foreign key a relation: a solid line where its columns are part of the
//! primary key, a dashed one where they are not; "zero or one" of the referenced table where a column
//! takes NULL, and of the referencing one where its columns are unique. Left out are partitions,
//! temporary tables and views.
//!
//! Mermaid's grammar takes few characters in the names and types of columns, and no way to quote
//! them; what it does not take becomes `_`, and the comment behind the column says the real name and
//! type. Names of tables are quoted.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

use crate::column_type::ColumnType;
use crate::name::QualifiedName;
use crate::schema::{Column, ForeignKey, Schema, Table, same_name};

/// The diagram.
///
/// ```
/// use migrate_core::Dialect;
/// use migrate_sql::{emit::mermaid, schema::Schema};
/// assert_eq!(mermaid::diagram(&Schema::new(Dialect::Postgres)), "erDiagram\n");
/// ```
pub fn diagram(schema: &Schema) -> String {
    let shown: Vec<&Table> = schema.tables().filter(|table| is_shown(table)).collect();
    let mut names = Names::default();
    let mut text = "erDiagram\n".to_owned();
    for table in &shown {
        entity(table, schema, &mut names, &mut text);
    }
    for table in &shown {
        for key in &table.foreign_keys {
            relation(table, key, schema, &mut names, &mut text);
        }
    }
    text
}

fn is_shown(table: &Table) -> bool {
    !table.temporary && table.partition_of.is_none()
}

fn entity(table: &Table, schema: &Schema, names: &mut Names, text: &mut String) {
    let _ = writeln!(text, "    \"{}\" {{", names.of(&table.name));
    let mut taken = BTreeSet::new();
    for column in &table.columns {
        let (word, type_comment) = type_word(column.column_type.as_ref());
        let mut name = attribute(&column.name);
        while !taken.insert(name.clone()) {
            name.push('_');
        }
        let _ = write!(text, "        {word} {name}");
        let marks = marks(table, column, schema);
        if !marks.is_empty() {
            let _ = write!(text, " {}", marks.join(", "));
        }
        let mut comments = Vec::new();
        if name != column.name {
            comments.push(column.name.clone());
        }
        comments.extend(type_comment);
        if !comments.is_empty() {
            let _ = write!(text, " \"{}\"", label(&comments.join(": ")));
        }
        text.push('\n');
    }
    text.push_str("    }\n");
}

fn relation(
    table: &Table,
    key: &ForeignKey,
    schema: &Schema,
    names: &mut Names,
    text: &mut String,
) {
    let same = |a: &String, b: &String| same_name(schema.dialect(), a, b);
    let in_key = |name: &String| key.columns.iter().any(|it| same(it, name));
    let mut columns = table.columns.iter();
    let nullable = columns.any(|column| column.nullable && in_key(&column.name));
    let part_of_key = table.primary_key.as_ref().is_some_and(|primary| {
        let mut columns = key.columns.iter();
        columns.all(|name| primary.columns.iter().any(|it| same(it, name)))
    });
    // At most one row has these values where some of the columns are unique by themselves.
    let unique = unique_sets(table).any(|set| set.iter().all(&in_key));
    let parent = if nullable { "|o" } else { "||" };
    let line = if part_of_key { "--" } else { ".." };
    let child = if unique { "o|" } else { "o{" };
    let (from, to) = (names.of(&key.references), names.of(&table.name));
    let said = label(&key.columns.join(", "));
    let _ = writeln!(
        text,
        "    \"{from}\" {parent}{line}{child} \"{to}\" : \"{said}\""
    );
}

/// The sets of columns of which no two rows have the same.
fn unique_sets(table: &Table) -> impl Iterator<Item = Vec<String>> {
    let keys = table.keys().map(|key| key.columns.clone());
    let indexes = table
        .indexes
        .iter()
        .filter(|index| index.unique && index.predicate.is_none())
        .filter_map(|index| index.keys.iter().map(|key| key.column.clone()).collect());
    keys.chain(indexes)
}

fn marks(table: &Table, column: &Column, schema: &Schema) -> Vec<&'static str> {
    let same = |name: &String| same_name(schema.dialect(), name, &column.name);
    let primary = table
        .primary_key
        .as_ref()
        .is_some_and(|key| key.columns.iter().any(same));
    let foreign = (table.foreign_keys.iter()).any(|key| key.columns.iter().any(same));
    let primary_alone =
        (table.primary_key.as_ref()).is_some_and(|key| key.columns.len() == 1 && primary);
    let unique = !primary_alone
        && unique_sets(table).any(|set| matches!(set.as_slice(), [name] if same(name)));
    [(primary, "PK"), (foreign, "FK"), (unique, "UK")]
        .into_iter()
        .filter_map(|(is, mark)| is.then_some(mark))
        .collect()
}

/// The names of entities, each for one table.
#[derive(Default)]
struct Names {
    known: BTreeMap<QualifiedName, String>,
    taken: BTreeSet<String>,
}

impl Names {
    fn of(&mut self, table: &QualifiedName) -> String {
        if let Some(known) = self.known.get(table) {
            return known.clone();
        }
        let mut name = label(&table.to_string()).replace(['%', '\\'], "_");
        // The grammar takes this word for a command wherever it stands.
        if name.to_lowercase().contains("direction") {
            name = name.replace(' ', "_");
        }
        while name.is_empty() || !self.taken.insert(name.clone()) {
            name.push('_');
        }
        self.known.insert(table.clone(), name.clone());
        name
    }
}

/// The word for a type, and the type itself where the word does not say it.
fn type_word(declared: Option<&ColumnType>) -> (String, Option<String>) {
    let Some(declared) = declared else {
        return ("unknown".to_owned(), None);
    };
    let full = declared.to_string();
    let words = full.replace(' ', "_");
    if words.is_empty() {
        // SQLite takes any value in a column without a type.
        return ("any".to_owned(), None);
    }
    if attribute(&words) == words {
        return (words, None);
    }
    (attribute(&declared.name.replace(' ', "_")), Some(full))
}

/// A word that the grammar takes for the name or type of a column.
fn attribute(name: &str) -> String {
    let takes =
        |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '[' | ']' | '(' | ')');
    let mut word: String = name
        .chars()
        .map(|c| if takes(c) { c } else { '_' })
        .collect();
    if !word.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_') {
        word.insert(0, '_');
    }
    // These are marks, also with something behind them that is no part of a word.
    let mark = word.get(..2).unwrap_or_default().to_ascii_uppercase();
    let ends = |c: char| !(c.is_ascii_alphanumeric() || c == '_');
    if ["PK", "FK", "UK"].contains(&&*mark)
        && word
            .get(2..)
            .is_some_and(|rest| rest.is_empty() || rest.starts_with(ends))
    {
        word.insert(2, '_');
    }
    word
}

/// What can stand between quotes.
fn label(text: &str) -> String {
    text.chars()
        .map(|c| match c {
            '"' => '\'',
            c if c.is_control() => ' ',
            c => c,
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_for_columns() {
        for (name, word) in [
            ("id", "id"),
            ("first name", "first_name"),
            ("2fa", "_2fa"),
            ("größe", "gr__e"),
            ("pk", "pk_"),
            ("FK-x", "FK_-x"),
            ("pk_id", "pk_id"),
            ("ukraine", "ukraine"),
            ("", "_"),
            ("a~b~", "a_b_"),
        ] {
            assert_eq!(attribute(name), word, "{name}");
        }
    }

    #[test]
    fn names_of_entities_are_distinct() {
        let mut names = Names::default();
        let mut of = |name: &str| names.of(&QualifiedName::unqualified(name));
        assert_eq!(of("a%"), "a_");
        assert_eq!(of("a_"), "a__");
        assert_eq!(of("a%"), "a_");
        assert_eq!(of("say \"x\"\n"), "say 'x' ");
        assert_eq!(of("direction TB"), "direction_TB");
        assert_eq!(of(""), "_");
    }
}
