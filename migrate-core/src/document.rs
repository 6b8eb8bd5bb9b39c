//! A TOML document whose mistakes become diagnostics, all of them, each with its place.

use std::ops::Range;
use std::sync::Arc;

use toml::Spanned;
use toml::de::{DeTable, DeValue};

use crate::diagnostic::{Diagnostic, SourceFile};
use crate::rule::Rule;
use crate::suggest::closest;

/// A value and where it stands.
pub(crate) type Value<'t> = Spanned<DeValue<'t>>;

/// Reads one document; collects what is wrong with it as findings of one rule.
pub(crate) struct Document {
    source: Arc<SourceFile>,
    rule: &'static Rule,
    diagnostics: Vec<Diagnostic>,
}

impl Document {
    pub(crate) fn new(source: Arc<SourceFile>, rule: &'static Rule) -> Self {
        Document {
            source,
            rule,
            diagnostics: Vec::new(),
        }
    }

    /// The table of a text, as far as it can be read.
    pub(crate) fn parse<'t>(&mut self, text: &'t str) -> DeTable<'t> {
        let (table, errors) = DeTable::parse_recoverable(text);
        // What follows the first mistake is mostly its consequence.
        if let Some(error) = errors.first() {
            let span = error.span().unwrap_or_default();
            // The parser's own sentences are lower case; some go on after a line break.
            let message = error.message().replace('\n', "; ");
            self.error(span, format!("not TOML: {message}"));
        }
        table.into_inner()
    }

    /// The findings, in the order of their places.
    pub(crate) fn finish(mut self) -> Vec<Diagnostic> {
        self.diagnostics
            .sort_by_key(|finding| finding.labels.first().map(|label| label.span.start));
        self.diagnostics
    }

    /// Whether anything was found.
    pub(crate) fn is_faulty(&self) -> bool {
        !self.diagnostics.is_empty()
    }

    /// A finding at a place.
    pub(crate) fn error(&mut self, span: Range<usize>, message: impl Into<String>) {
        self.push(span, message.into(), None);
    }

    /// A finding at a place, with what to do.
    pub(crate) fn error_with_help(
        &mut self,
        span: Range<usize>,
        message: impl Into<String>,
        help: impl Into<String>,
    ) {
        self.push(span, message.into(), Some(help.into()));
    }

    fn push(&mut self, span: Range<usize>, message: String, help: Option<String>) {
        let mut finding = Diagnostic::new(self.rule, message).at(&self.source, span, "");
        finding.help.extend(help);
        self.diagnostics.push(finding);
    }

    /// Finds keys that are not among the known.
    pub(crate) fn known_keys(&mut self, table: &DeTable<'_>, known: &[&str]) {
        for key in table.keys() {
            let name = key.get_ref().as_ref();
            if known.contains(&name) {
                continue;
            }
            let help = match closest(name, known.iter().copied()) {
                Some(meant) => format!("did you mean `{meant}`?"),
                None => format!("known keys here are {}", known.join(", ")),
            };
            self.error_with_help(key.span(), format!("unknown key `{name}`"), help);
        }
    }

    fn wrong_type(&mut self, key: &str, value: &Value<'_>, wanted: &str) {
        let found = match value.get_ref() {
            DeValue::String(_) => "a string",
            DeValue::Integer(_) | DeValue::Float(_) => "a number",
            DeValue::Boolean(_) => "true or false",
            DeValue::Datetime(_) => "a date",
            DeValue::Array(_) => "a list",
            DeValue::Table(_) => "a table",
        };
        self.error(
            value.span(),
            format!("`{key}` is {found}; it must be {wanted}"),
        );
    }

    pub(crate) fn string<'v>(&mut self, key: &str, value: &'v Value<'_>) -> Option<&'v str> {
        let text = value.get_ref().as_str();
        if text.is_none() {
            self.wrong_type(key, value, "a string");
        }
        text
    }

    pub(crate) fn boolean(&mut self, key: &str, value: &Value<'_>) -> Option<bool> {
        let boolean = value.get_ref().as_bool();
        if boolean.is_none() {
            self.wrong_type(key, value, "true or false");
        }
        boolean
    }

    pub(crate) fn count(&mut self, key: &str, value: &Value<'_>) -> Option<u32> {
        let count = value
            .get_ref()
            .as_integer()
            .and_then(|integer| u32::from_str_radix(integer.as_str(), integer.radix()).ok());
        if count.is_none() {
            self.wrong_type(key, value, "a whole number, 0 or more");
        }
        count
    }

    /// A number with or without a fraction.
    pub(crate) fn number(&mut self, key: &str, value: &Value<'_>) -> Option<f64> {
        let text = match value.get_ref() {
            DeValue::Integer(integer) if integer.radix() == 10 => integer.as_str(),
            DeValue::Float(float) => float.as_str(),
            _ => "",
        };
        let number = text.parse().ok().filter(|number: &f64| number.is_finite());
        if number.is_none() {
            self.wrong_type(key, value, "a finite number");
        }
        number
    }

    pub(crate) fn strings(&mut self, key: &str, value: &Value<'_>) -> Option<Vec<String>> {
        let Some(array) = value.get_ref().as_array() else {
            self.wrong_type(key, value, "a list of strings");
            return None;
        };
        array
            .iter()
            .map(|item| self.string(key, item).map(str::to_owned))
            .collect()
    }

    pub(crate) fn table<'v, 't>(
        &mut self,
        key: &str,
        value: &'v Value<'t>,
    ) -> Option<&'v DeTable<'t>> {
        let table = value.get_ref().as_table();
        if table.is_none() {
            self.wrong_type(key, value, "a table");
        }
        table
    }

    /// A string that is one of a few words.
    pub(crate) fn choice<T: Copy>(
        &mut self,
        key: &str,
        value: &Value<'_>,
        choices: &[(&str, T)],
    ) -> Option<T> {
        let text = self.string(key, value)?;
        let found = choices.iter().find(|(word, _)| *word == text);
        if found.is_none() {
            let words: Vec<&str> = choices.iter().map(|(word, _)| *word).collect();
            let help = match closest(text, words.iter().copied()) {
                Some(meant) => format!("did you mean `{meant}`?"),
                None => format!("it is one of {}", words.join(", ")),
            };
            self.error_with_help(value.span(), format!("`{key}` cannot be `{text}`"), help);
        }
        found.map(|(_, choice)| *choice)
    }
}
