//! What is wrong with a script, as far as its statements tell without a grammar.

use crate::allow::{self, Allowed};
use crate::diagnostic::Diagnostic;
use crate::dialect::Dialect;
use crate::directive::DirectiveKind;
use crate::layout::Layout;
use crate::migration::Direction;
use crate::rule;
use crate::script_file::ScriptFile;
use crate::statement::{
    Classified, Kind, NotInTransaction, Recovery, classify, foreign_key_pragmas, leans_on_session,
};

/// What the findings about a script depend on.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Context {
    pub(crate) dialect: Dialect,
    pub(crate) layout: Layout,
    pub(crate) irreversible: bool,
}

/// Everything that is found in one script, but for what its directives accept, which goes to
/// `allowed`; `sql` is what checks found that understand SQL.
pub(crate) fn script(
    script: &ScriptFile,
    cx: Context,
    sql: Vec<Diagnostic>,
    allowed: &mut Vec<Allowed>,
) -> Vec<Diagnostic> {
    let mut findings = Vec::new();
    empty(script, cx, &mut findings);
    sections(script, cx, &mut findings);
    copy_data(script, &mut findings);
    statements(script, cx, &mut findings);
    findings.extend(sql);
    allow::apply(script, findings, allowed)
}

/// Why the migration is irreversible, where that is declared: in its up script, or in a down script
/// without statements.
pub(crate) fn irreversible(
    up: &ScriptFile,
    down: Option<&ScriptFile>,
    findings: &mut Vec<Diagnostic>,
) -> Option<String> {
    let declared = [Some(up), down].into_iter().flatten();
    let (script, (span, reason)) = declared
        .filter_map(|script| Some((script, script.irreversible()?)))
        .next()?;
    match down {
        Some(down) if !down.is_empty() => {
            let mut finding = Diagnostic::new(
                &rule::BAD_DIRECTIVE,
                "declared irreversible, but there is a down script",
            )
            .at(&script.source, span, "")
            .help("remove either the directive or the statements of the down script");
            if down.source.path != script.source.path {
                finding = finding.note(format!("the down script is {}", down.source.path));
            }
            findings.push(finding);
            None
        }
        _ => Some(reason.to_owned()),
    }
}

fn empty(script: &ScriptFile, cx: Context, findings: &mut Vec<Diagnostic>) {
    let on_purpose = script.direction == Direction::Down && cx.irreversible;
    if script.is_empty() && script.problems.is_empty() && !on_purpose {
        findings.push(
            Diagnostic::new(
                &rule::EMPTY_SCRIPT,
                format!(
                    "the {} script has no statement, so it does nothing",
                    script.direction
                ),
            )
            .at_path(&script.source.path)
            .help("say so with `-- migrate:allow empty-script <reason>` if that is meant"),
        );
    }
}

fn sections(script: &ScriptFile, cx: Context, findings: &mut Vec<Diagnostic>) {
    if cx.layout == Layout::SingleFiles {
        return;
    }
    for directive in &script.directives {
        if let DirectiveKind::Section { direction, .. } = directive.kind {
            findings.push(
                Diagnostic::new(
                    &rule::BAD_DIRECTIVE,
                    format!("a `-- migrate:{direction}` section in a file that holds one script"),
                )
                .at(&script.source, directive.span.clone(), "")
                .help("sections belong into files that are named `<version>_<name>.sql`; remove the line"),
            );
        }
    }
}

fn copy_data(script: &ScriptFile, findings: &mut Vec<Diagnostic>) {
    for statement in &script.split.statements {
        if statement.copy_data.is_some() {
            findings.push(
                Diagnostic::new(
                    &rule::COPY_DATA,
                    "inline COPY data is not sent to the server",
                )
                .at(
                    &script.source,
                    first_line(&script.text, &statement.span),
                    "",
                )
                .help("write the rows as INSERT statements"),
            );
        }
    }
}

fn statements(script: &ScriptFile, cx: Context, findings: &mut Vec<Diagnostic>) {
    let texts: Vec<&str> = script.split.texts(&script.text).collect();
    let classified: Vec<Classified> = texts
        .iter()
        .map(|text| classify(text, cx.dialect))
        .collect();
    // The runner does these itself, outside the transaction.
    let pragmas = match cx.dialect {
        Dialect::Sqlite => foreign_key_pragmas(&texts),
        _ => Default::default(),
    };
    for (index, (statement, known)) in script.split.statements.iter().zip(&classified).enumerate() {
        let place = first_line(&script.text, &statement.span);
        if known.kind == Kind::TransactionControl {
            let word = script
                .text
                .get(place.clone())
                .unwrap_or_default()
                .trim_end_matches(';');
            findings.push(
                Diagnostic::new(
                    &rule::TRANSACTION_CONTROL,
                    format!("`{word}` controls the transaction, which is the runner's to do"),
                )
                .at(&script.source, place, "")
                .note("a commit in the middle of a script would leave half of it behind when the rest fails")
                .help("remove it; a script runs in one transaction unless it says `-- migrate:no-transaction`"),
            );
            continue;
        }
        if let Some(restriction) = &known.restriction
            && script.transaction
            && !pragmas.done_by_runner(index)
        {
            let finding = not_in_transaction(restriction, cx, pragmas.inner.contains(&index));
            findings.push(finding.at(&script.source, place, ""));
        } else if !script.transaction && known.is_unnamed_concurrent_index() {
            findings.push(
                Diagnostic::new(
                    &rule::CANNOT_RESUME,
                    "an index without a name is built concurrently",
                )
                .at(&script.source, place, "")
                .note(
                    "when that is interrupted an invalid index is left, and nobody can tell which",
                )
                .help("give the index a name"),
            );
        }
    }
    cannot_resume(script, cx, &classified, findings);
}

fn not_in_transaction(
    restriction: &NotInTransaction,
    cx: Context,
    inner_pragma: bool,
) -> Diagnostic {
    let finding = Diagnostic::new(&rule::NOT_IN_TRANSACTION, restriction.to_string());
    if inner_pragma {
        return finding
            .note("SQLite ignores it there without a word; `off` before everything else and `on` after everything else are done by the runner, outside the transaction")
            .help("move it to the beginning or the end of the script");
    }
    let finding = finding.help(
        "put `-- migrate:no-transaction` at the top of the script, and best nothing else into it",
    );
    match cx.layout {
        Layout::Directories => finding.help(
            "or `run_in_transaction = false` into metadata.toml, which diesel understands too",
        ),
        _ => finding,
    }
}

/// What a run that goes on after an interruption would have lost.
fn cannot_resume(
    script: &ScriptFile,
    cx: Context,
    classified: &[Classified],
    findings: &mut Vec<Diagnostic>,
) {
    let atomic =
        |known: &Classified| matches!(known.recovery, Recovery::WithRecord | Recovery::Session);
    let one_transaction =
        script.transaction && (cx.dialect.transactional_ddl() || classified.iter().all(atomic));
    if one_transaction {
        return;
    }
    for lean in leans_on_session(&script.text, &script.split.statements, cx.dialect) {
        findings.push(
            Diagnostic::new(
                &rule::CANNOT_RESUME,
                format!("the script leans on its session for {}", lean.leaning),
            )
            .at(&script.source, lean.span, "")
            .note("it runs statement by statement; when it is interrupted after this, it cannot go on, because the session is gone")
            .help("write what belongs together as one statement, or as a migration of its own"),
        );
    }
    if script.rust.is_some() && !script.transaction {
        findings.push(
            Diagnostic::new(
                &rule::CANNOT_RESUME,
                "Rust code beside a script without a transaction",
            )
            .at_path(&script.source.path)
            .note("when it is interrupted, nobody can tell how far the code came")
            .help("move the statements that need no transaction to a migration of their own"),
        );
    }
}

/// The part of a span on its first line, to point at a statement without repeating all of it.
fn first_line(text: &str, span: &std::ops::Range<usize>) -> std::ops::Range<usize> {
    let line = text
        .get(span.clone())
        .and_then(|text| text.lines().next())
        .unwrap_or_default();
    span.start..span.start + line.trim_end().len()
}
