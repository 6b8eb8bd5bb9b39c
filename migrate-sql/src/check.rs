//! Checking a set of migrations: the one way in for the macro and the command.

use migrate_core::config::SetConfig;
use migrate_core::project::{self, Loaded};
use migrate_core::{
    CheckContext, Diagnostic, Dialect, Direction, ScriptFile, ScriptFinding, SourceMigration,
    SqlChecks, rule,
};

use crate::change::{Change, Opaque, Touches};
use crate::conflict::Conflict;
use crate::dialect::{self, Parsed, SyntaxError};
use crate::name::Span;
use crate::schema::{Place, Schema};

#[cfg(feature = "sqlite")]
mod sqlite;

/// Reads the directory and the lock file of a set, and checks them, SQL included.
///
/// # Errors
/// As [`project::load`]: where the configuration names no dialect.
pub fn load(config: &SetConfig) -> Result<Loaded, Box<Diagnostic>> {
    project::load_with(config, Some(&Checks))
}

/// The schema that the up scripts make, in their order. Faults in them are passed over.
pub fn schema_of(migrations: &[SourceMigration], dialect: Dialect) -> Schema {
    #[cfg(feature = "sqlite")]
    if dialect == Dialect::Sqlite {
        return sqlite::schema_of(migrations);
    }
    let mut schema = Schema::new(dialect);
    for migration in migrations {
        run(&migration.up, &mut schema);
    }
    schema
}

/// All checks of this crate.
#[derive(Clone, Copy, Debug)]
pub struct Checks;

impl SqlChecks for Checks {
    fn check(
        &self,
        migrations: &[SourceMigration],
        context: CheckContext<'_>,
    ) -> Vec<ScriptFinding> {
        // What the lock file vouches for needs no second look, unless something that it does not
        // vouch for builds on it.
        let Some(last) = migrations.iter().rposition(|migration| !migration.vouched) else {
            return Vec::new();
        };
        #[cfg(feature = "sqlite")]
        if context.dialect == Dialect::Sqlite {
            return sqlite::check(&migrations[..=last], context);
        }
        let mut findings = Vec::new();
        let mut schema = Schema::new(context.dialect);
        for (index, migration) in migrations.iter().enumerate().take(last + 1) {
            let up = run(&migration.up, &mut schema);
            if migration.vouched {
                continue;
            }
            findings.extend(up.into_iter().map(|diagnostic| ScriptFinding {
                migration: index,
                direction: Direction::Up,
                diagnostic,
            }));
        }
        findings
    }
}

/// Applies a script to the schema; what cannot work is a finding.
fn run(script: &ScriptFile, schema: &mut Schema) -> Vec<Diagnostic> {
    let mut findings = Vec::new();
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
                findings.extend(errors.into_iter().map(|error| syntax_error(script, error)))
            }
            Parsed::Changes(changes) => {
                for change in &changes {
                    let place = Place {
                        source: &script.source,
                    };
                    let conflicts = schema.apply(change, place);
                    findings.extend(conflicts.into_iter().map(|it| conflict(script, it)));
                }
            }
        }
    }
    if script.rust.is_some() {
        schema.forget(&Touches::Everything);
    }
    findings
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
    finding
}
