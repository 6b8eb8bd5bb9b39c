//! Workflow commands of GitHub Actions: a line a finding, which becomes an annotation of the code.
//!
//! <https://docs.github.com/en/actions/reference/workflows-and-actions/workflow-commands>. In
//! messages `%` and line ends are escaped, in properties `:` and `,` too.

use migrate_core::{Diagnostic, Level, visible};

use super::super::place::{Region, Root};
use super::{Annotations, text};

impl Annotations<'_> {
    /// The commands, a line each.
    pub(crate) fn github(&self) -> String {
        let mut lines = String::new();
        for finding in self.findings {
            lines.push_str(&command(finding, &self.root));
        }
        if let Some(failure) = &self.failure {
            lines.push_str(&format!("::error title=migrate::{}\n", message(failure)));
        }
        lines
    }
}

fn command(finding: &Diagnostic, root: &Root) -> String {
    let name = match finding.level {
        Level::Error => "error",
        Level::Warning => "warning",
        Level::Info | Level::Off => "notice",
    };
    let mut properties = Vec::new();
    let mut add = |key: &str, value: String| properties.push(format!("{key}={}", property(&value)));
    let label = finding.labels.first();
    let shown = label
        .map(|label| &label.source.path)
        .or(finding.path.as_ref());
    if let Some(shown) = shown {
        add("file", visible(&root.file(shown).path).into_owned());
    }
    if let Some(label) = label {
        let region = Region::of(label);
        add("line", region.start.0.to_string());
        add("endLine", region.end.0.to_string());
        // Columns cannot be given where the lines differ.
        if region.is_in_one_line() {
            add("col", region.start.1.to_string());
            add("endColumn", region.end.1.to_string());
        }
    }
    add("title", format!("migrate: {}", finding.rule.code));
    format!(
        "::{name} {}::{}\n",
        properties.join(","),
        message(&text(finding))
    )
}

fn message(text: &str) -> String {
    text.replace('%', "%25")
        .replace('\r', "%0D")
        .replace('\n', "%0A")
}

fn property(text: &str) -> String {
    message(text).replace(':', "%3A").replace(',', "%2C")
}
