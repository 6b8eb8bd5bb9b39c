//! Emitted SQL as the text of a script.

use migrate_core::visible;
use migrate_sql::emit::sql::{Remark, RemarkKind, Scripted};

use crate::output::{Kind, Printer};

/// The script, with what is to be said about it as comments at its top.
pub(super) fn script(head: &str, scripted: &Scripted) -> String {
    let mut text = format!("-- {}\n", visible(head));
    for remark in in_order(&scripted.remarks) {
        // A name may hold a line break, which would end the comment.
        text.push_str(&format!("-- {}\n", visible(&line(remark))));
    }
    let statements = scripted.script();
    if !statements.is_empty() {
        text.push('\n');
        text.push_str(&statements);
    }
    text
}

/// Says the remarks on the terminal.
pub(super) fn say(printer: &Printer, remarks: &[Remark]) {
    for remark in in_order(remarks) {
        printer.say(Kind::Warning, &line(remark));
    }
}

/// What is left to do comes first.
fn in_order(remarks: &[Remark]) -> Vec<&Remark> {
    let mut sorted: Vec<&Remark> = remarks.iter().collect();
    sorted.sort_by_key(|it| it.kind);
    sorted
}

fn line(remark: &Remark) -> String {
    match remark.kind {
        RemarkKind::Cannot => format!("TO DO: {remark}"),
        _ => remark.to_string(),
    }
}
