//! The `table!` macros of a file.
//!
//! Only these are read, wherever they stand outside functions: at the top or in modules. What the
//! file says besides is the compiler's to judge, `joinable!` and
//! `allow_tables_to_appear_in_same_query!` too, since they may say more than the database does.

use std::ops::Range;

use super::rust_type::RustType;
use super::tokens::{Fault, Tokens, identifier, string};

/// What a file says.
#[derive(Debug, Default)]
pub(super) struct SchemaFile {
    /// Its tables in order.
    pub(super) tables: Vec<Table>,
    /// Comments `// migrate:…`.
    pub(super) comments: Vec<Comment>,
    /// There may be more in other files.
    pub(super) has_more: bool,
    /// What cannot be understood.
    pub(super) faults: Vec<Fault>,
}

/// A `table!` macro.
#[derive(Debug)]
pub(super) struct Table {
    /// Its name in Rust, where it stands.
    pub(super) rust_name: Range<usize>,
    /// The schema that is written.
    pub(super) schema: Option<String>,
    /// Its name in SQL, perhaps with the schema before it.
    pub(super) name: String,
    /// The Rust names of the columns of its primary key.
    pub(super) key: Vec<String>,
    /// Where these stand, with their brackets; `None` where they are not written.
    pub(super) key_span: Option<Range<usize>>,
    /// Its columns in order.
    pub(super) columns: Vec<Column>,
    /// Where comments about it end: the first byte after its name.
    pub(super) head: Range<usize>,
    /// Whether it is there depends on `#[cfg]`.
    pub(super) conditional: bool,
}

/// A column of a `table!` macro.
#[derive(Debug)]
pub(super) struct Column {
    /// Its name in Rust.
    pub(super) rust_name: String,
    /// Where that stands.
    pub(super) span: Range<usize>,
    /// Its name in SQL.
    pub(super) name: String,
    /// Its type.
    pub(super) column_type: RustType,
    /// Where that stands.
    pub(super) type_span: Range<usize>,
    /// From the end of what stands before it to its own name: where comments about it are.
    pub(super) head: Range<usize>,
    /// Whether it is there depends on `#[cfg]`.
    pub(super) conditional: bool,
}

/// A comment that is meant for this check.
#[derive(Debug)]
pub(super) struct Comment {
    /// Where it stands.
    pub(super) span: Range<usize>,
    /// What follows `// migrate:`.
    pub(super) text: String,
}

/// Reads a file. What cannot be read of it is among the faults, and the rest is read.
pub(super) fn read(text: &str) -> SchemaFile {
    let mut file = SchemaFile::default();
    let mut tokens = match Tokens::new(text) {
        Ok(tokens) => tokens,
        Err(fault) => {
            file.faults.push(fault);
            return file;
        }
    };
    for at in 0..=tokens.len() {
        comments(text, tokens.gap(at), &mut file.comments);
    }
    items(&mut tokens, &mut file);
    file
}

fn comments(text: &str, gap: Range<usize>, found: &mut Vec<Comment>) {
    let mut start = gap.start;
    for line in text.get(gap).unwrap_or_default().split_inclusive('\n') {
        let comment = line.trim();
        if let Some(said) = comment.strip_prefix("//")
            && let Some(said) = said.trim_start().strip_prefix("migrate:")
        {
            let from = start + (line.len() - line.trim_start().len());
            found.push(Comment {
                span: from..from + comment.len(),
                text: said.to_owned(),
            });
        }
        start += line.len();
    }
}

/// Walks over the items of a file and of the modules in it.
fn items(tokens: &mut Tokens<'_>, file: &mut SchemaFile) {
    // Of every open module whether it is conditional.
    let mut modules: Vec<bool> = Vec::new();
    let mut conditional = false;
    let mut first = tokens.at();
    while tokens.at() < tokens.len() {
        let at = tokens.at();
        let module = tokens.here() == "mod" && identifier(tokens.token(at + 1)).is_some();
        match (tokens.here(), tokens.token(at + 1)) {
            ("#", _) => conditional |= attribute(tokens).is_some_and(|it| it.is_conditional()),
            (";", _) => {
                tokens.skip();
                conditional = false;
                first = tokens.at();
            }
            ("}", _) => {
                tokens.skip();
                modules.pop();
                conditional = false;
                first = tokens.at();
            }
            (_, _) if module && tokens.token(at + 2) == "{" => {
                modules.push(conditional);
                tokens.go(at + 3);
                conditional = false;
                first = tokens.at();
            }
            (_, _) if module => {
                file.has_more = true;
                tokens.skip();
            }
            ("include", "!") => {
                file.has_more = true;
                tokens.skip();
            }
            ("table", "!") if is_diesels(tokens) => {
                tokens.go(at + 2);
                let conditional = conditional || modules.contains(&true);
                if tokens.opens() {
                    let close = tokens.close();
                    tokens.go(tokens.at() + 1);
                    let from = tokens.gap(first).start;
                    match table(tokens, close, from, conditional) {
                        Ok(table) => file.tables.push(table),
                        Err(fault) => file.faults.push(fault),
                    }
                    tokens.go(close + 1);
                    first = tokens.at();
                }
            }
            ("{", _) => {
                tokens.skip();
                conditional = false;
                first = tokens.at();
            }
            _ => tokens.skip(),
        }
    }
}

/// Whether `table!` here is diesel's: alone or after `diesel::`.
fn is_diesels(tokens: &Tokens<'_>) -> bool {
    let before = |count: usize| tokens.at().checked_sub(count).map(|at| tokens.token(at));
    before(1) != Some("::") || before(2) == Some("diesel")
}

/// What an attribute says that matters here.
enum Attribute {
    SqlName(Option<String>),
    Conditional,
    Other,
}

impl Attribute {
    fn is_conditional(&self) -> bool {
        matches!(self, Attribute::Conditional)
    }
}

/// Goes over `#[…]` or `#![…]`; `None` where there is no such thing here.
fn attribute(tokens: &mut Tokens<'_>) -> Option<Attribute> {
    if !tokens.eat("#") {
        return None;
    }
    tokens.eat("!");
    if tokens.here() != "[" {
        return Some(Attribute::Other);
    }
    let at = tokens.at();
    let said = match (tokens.token(at + 1), tokens.token(at + 2)) {
        ("sql_name", "=") => Attribute::SqlName(string(tokens.token(at + 3))),
        ("cfg" | "cfg_attr", _) => Attribute::Conditional,
        _ => Attribute::Other,
    };
    tokens.skip();
    Some(said)
}

/// The attributes before a table's or column's name.
#[derive(Default)]
struct Attributes {
    sql_name: Option<String>,
    conditional: bool,
}

fn attributes(tokens: &mut Tokens<'_>) -> Result<Attributes, Fault> {
    let mut all = Attributes::default();
    loop {
        let fault = tokens.fault("expected `#[sql_name = \"…\"]`");
        match attribute(tokens) {
            None => return Ok(all),
            Some(Attribute::SqlName(None)) => return Err(fault),
            Some(Attribute::SqlName(Some(name))) => {
                // As diesel reads it.
                let name = name.strip_prefix("r#").map(str::to_owned).unwrap_or(name);
                all.sql_name = Some(name);
            }
            Some(Attribute::Conditional) => all.conditional = true,
            Some(Attribute::Other) => {}
        }
    }
}

fn name(tokens: &mut Tokens<'_>, what: &str) -> Result<(String, Range<usize>), Fault> {
    let Some(name) = identifier(tokens.here()) else {
        return Err(tokens.fault(format!("expected {what}")));
    };
    let span = tokens.span(tokens.at());
    tokens.skip();
    Ok((name.to_owned(), span))
}

/// What stands between the brackets of `table!`.
fn table(
    tokens: &mut Tokens<'_>,
    close: usize,
    from: usize,
    conditional: bool,
) -> Result<Table, Fault> {
    let foreign = imports(tokens, close);
    let attributes = attributes(tokens)?;
    let (mut rust_name, mut span) = name(tokens, "the name of the table")?;
    let mut schema = None;
    if tokens.eat(".") {
        schema = Some(rust_name);
        (rust_name, span) = name(tokens, "the name of the table")?;
    }
    let head = from..span.end;
    let (key, key_span) = key(tokens)?;
    if tokens.here() != "{" {
        return Err(tokens.fault("expected `{` and the columns of the table"));
    }
    let end = tokens.close();
    tokens.go(tokens.at() + 1);
    let mut columns = Vec::new();
    while tokens.at() < end {
        columns.push(column(tokens, end, &foreign)?);
    }
    tokens.go(end + 1);
    if tokens.at() < close {
        return Err(tokens.fault("expected nothing after the columns of the table"));
    }
    Ok(Table {
        rust_name: span,
        schema,
        name: attributes.sql_name.unwrap_or(rust_name),
        key: key.unwrap_or_else(|| vec!["id".to_owned()]),
        key_span,
        columns,
        head,
        conditional: conditional || attributes.conditional,
    })
}

/// Goes over the `use` lines; the names that they bring from elsewhere than diesel.
fn imports<'a>(tokens: &mut Tokens<'a>, close: usize) -> Vec<&'a str> {
    let mut foreign = Vec::new();
    while tokens.here() == "use" || tokens.here() == "pub" {
        let mut line = Vec::new();
        while tokens.at() < close && tokens.here() != ";" {
            line.push(tokens.here());
            tokens.go(tokens.at() + 1);
        }
        tokens.eat(";");
        let from = line.iter().copied().find(|word| {
            identifier(word).is_some() && !matches!(*word, "use" | "pub" | "crate" | "self")
        });
        if from != Some("diesel") {
            // The last word of every path.
            let ends = |next: Option<&&str>| matches!(next, None | Some(&("," | "}")));
            let names = line.iter().enumerate();
            foreign.extend(
                names
                    .filter(|(at, word)| identifier(word).is_some() && ends(line.get(at + 1)))
                    .map(|(_, word)| *word),
            );
        }
    }
    foreign
}

type Key = (Option<Vec<String>>, Option<Range<usize>>);

/// `(id, part)`, which may be left out.
fn key(tokens: &mut Tokens<'_>) -> Result<Key, Fault> {
    if tokens.here() != "(" {
        return Ok((None, None));
    }
    let (open, close) = (tokens.at(), tokens.close());
    tokens.go(open + 1);
    let mut names = Vec::new();
    while tokens.at() < close {
        names.push(name(tokens, "the name of a column")?.0);
        if tokens.at() < close && !tokens.eat(",") {
            return Err(tokens.fault("expected `,` between the columns of the primary key"));
        }
    }
    tokens.go(close + 1);
    Ok((Some(names), Some(tokens.between(open, close))))
}

/// `#[sql_name = "type"] type_ -> Nullable<Text>,`.
fn column(tokens: &mut Tokens<'_>, end: usize, foreign: &[&str]) -> Result<Column, Fault> {
    let from = tokens.gap(tokens.at()).start;
    let attributes = attributes(tokens)?;
    let (rust_name, span) = name(tokens, "the name of a column")?;
    if !tokens.eat("->") {
        return Err(tokens.fault(format!("expected `->` and the type of `{rust_name}`")));
    }
    let first = tokens.at();
    let mut depth = 0usize;
    let mut words = Vec::new();
    while tokens.at() < end {
        let word = tokens.here();
        match word {
            "," if depth == 0 => break,
            "<" => depth += 1,
            ">" => depth = depth.saturating_sub(1),
            ">>" => depth = depth.saturating_sub(2),
            _ => {}
        }
        match word {
            ">>" => words.extend([">", ">"]),
            _ => words.push(word),
        }
        tokens.go(tokens.at() + 1);
    }
    let Some(column_type) = RustType::read(&words, foreign) else {
        tokens.go(first);
        return Err(tokens.fault(format!("expected the type of `{rust_name}`")));
    };
    let type_span = tokens.between(first, tokens.at() - 1);
    tokens.eat(",");
    Ok(Column {
        name: attributes.sql_name.unwrap_or_else(|| rust_name.clone()),
        rust_name,
        head: from..span.end,
        span,
        column_type,
        type_span,
        conditional: attributes.conditional,
    })
}
