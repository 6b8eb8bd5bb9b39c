//! Applying a script to the schema.

use migrate_core::{Diagnostic, ScriptFile, rule};

use super::foretell::Told;
use crate::change::{Change, Dml, DmlVerb, Opaque, Touches};
use crate::conflict::{Conflict, advice};
use crate::dialect::{self, Parsed, SyntaxError};
use crate::hazard::{self, Hazard, Watch};
use crate::name::Span;
use crate::schema::{ObjectId, Place, Schema};

/// What became of a script.
pub(crate) struct Run {
    /// What cannot work.
    pub(crate) findings: Vec<Diagnostic>,
    /// The tables that got rows or values, in order.
    pub(super) writes: Vec<Write>,
    /// What is risky.
    pub(crate) hazards: Vec<Hazard>,
    /// What each statement does, where that is asked for.
    pub(super) statements: Vec<Told>,
}

/// Rows or values that a statement writes.
pub(super) struct Write {
    /// The table.
    pub(super) table: ObjectId,
    /// The columns; none for all of them.
    pub(super) columns: Vec<String>,
}

/// Applies a script to the schema; what cannot work is a finding.
pub(crate) fn run(script: &ScriptFile, schema: &mut Schema) -> Run {
    watched(script, schema, None)
}

/// Applies a script to the schema, and looks for hazards.
pub(crate) fn watched(script: &ScriptFile, schema: &mut Schema, watch: Option<Watch>) -> Run {
    told(script, schema, watch, false)
}

/// Applies a script to the schema, and looks for hazards; `tell` asks what each statement does.
pub(super) fn told(
    script: &ScriptFile,
    schema: &mut Schema,
    mut watch: Option<Watch>,
    tell: bool,
) -> Run {
    let mut run = Run {
        findings: Vec::new(),
        writes: Vec::new(),
        hazards: Vec::new(),
        statements: Vec::new(),
    };
    if !script.problems.is_empty() {
        // What could not be read with certainty is not judged either.
        schema.forget(&Touches::Everything);
        return run;
    }
    for (index, statement) in script.split.statements.iter().enumerate() {
        let text = script.text.get(statement.span.clone()).unwrap_or_default();
        let parsed = if script.is_opaque(index) {
            Parsed::Changes(vec![Change::Opaque(Opaque {
                reason: "`-- migrate:opaque`".to_owned(),
                touches: Touches::Everything,
                span: Span::from(statement.span.clone()),
            })])
        } else {
            dialect::parse(text, statement.span.start, schema.dialect())
        };
        match parsed {
            Parsed::Broken(errors) => {
                let errors = errors.into_iter().map(|error| syntax_error(script, error));
                run.findings.extend(errors);
                if tell {
                    run.statements.push(Told::unknown("it cannot be read"));
                }
                // What it was meant to do is not known, and must not be reported as missing later.
                schema.forget(&Touches::Words(words(text)));
            }
            Parsed::Changes(changes) => {
                let mut told = tell.then(|| Told::new(&changes));
                for (at, change) in changes.iter().enumerate() {
                    if let Change::Dml(dml) = change {
                        run.writes.extend(writes(dml, schema));
                    }
                    let hazards = match &mut watch {
                        Some(watch) => {
                            let span = statement.span.clone();
                            let (step, hazards) =
                                hazard::findings(watch, change, schema, script, span, at == 0);
                            if let Some(told) = &mut told {
                                told.add(change, step.effects, schema, text);
                            }
                            hazards
                        }
                        None => Vec::new(),
                    };
                    let place = Place {
                        source: &script.source,
                        statement: Span::from(statement.span.clone()),
                    };
                    let conflicts = schema.apply(change, place);
                    // What the database refuses locks nothing.
                    if conflicts.is_empty() {
                        run.hazards.extend(hazards);
                    }
                    run.findings
                        .extend(conflicts.into_iter().map(|it| conflict(script, it)));
                }
                run.statements.extend(told);
            }
        }
    }
    if script.rust.is_some() {
        schema.forget(&Touches::Everything);
    }
    schema.end_script();
    run
}

/// The words of a statement that is broken: all of them, since nobody knows where its strings and
/// comments were meant to end.
fn words(text: &str) -> std::collections::BTreeSet<String> {
    text.split(|c: char| !(c.is_alphanumeric() || c == '_' || c == '$'))
        .filter(|word| !word.is_empty())
        .map(str::to_owned)
        .collect()
}

/// What a statement writes, in tables that are there for certain.
fn writes(dml: &Dml, schema: &Schema) -> Vec<Write> {
    let mut found: Vec<Write> = dml
        .inner
        .iter()
        .flat_map(|inner| writes(inner, schema))
        .collect();
    if matches!(
        dml.verb,
        DmlVerb::Insert | DmlVerb::Replace | DmlVerb::Update | DmlVerb::Merge | DmlVerb::Copy
    ) && let Some(table) = dml
        .target
        .as_ref()
        .and_then(|target| schema.relation_id(target))
    {
        found.push(Write {
            table,
            columns: dml.columns.iter().map(|it| it.name.clone()).collect(),
        });
    }
    found
}

fn syntax_error(script: &ScriptFile, error: SyntaxError) -> Diagnostic {
    let mut finding =
        Diagnostic::new(&rule::SYNTAX, error.message).at(&script.source, error.span.into(), "");
    finding.help.extend(error.help);
    finding
}

fn conflict(script: &ScriptFile, conflict: Conflict) -> Diagnostic {
    let mut finding = Diagnostic::new(conflict.rule, conflict.message).at(
        &script.source,
        conflict.span.into(),
        conflict.label,
    );
    finding.notes = conflict.notes;
    finding.help = conflict.help;
    if finding.help.is_empty() {
        finding.help.extend(advice(finding.rule).map(str::to_owned));
    }
    finding
}
