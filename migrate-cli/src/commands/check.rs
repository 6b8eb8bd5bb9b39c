//! `migrate check`.

use migrate_core::{Diagnostic, Level, rule, summary};

use crate::cli::{CheckArgs, Format};
use crate::context::Context;
use crate::error::CommandError;
use crate::exit::Exit;
use crate::output::{Annotations, CheckJson, FindingJson, Kind, counted};
use crate::project;

use super::fix;

pub(crate) fn check(context: &Context, args: &CheckArgs) -> Result<Exit, CommandError> {
    if let Some(rule) = &args.explain {
        return super::explain::explain(context, rule.as_deref());
    }
    let mut config = project::configuration_for_files(&context.global)?;
    if args.locked {
        for rule in [&rule::DRAFT, &rule::NOT_LOCKED] {
            // Both are rules whose level can be set.
            let _ = config.levels.set(rule.code, Level::Error);
        }
    }
    let mut loaded = project::load_with_schema_file(&config)?;
    if args.locked && loaded.lock.is_none() {
        loaded.diagnostics.push(
            Diagnostic::new(&rule::NOT_LOCKED, "there is no migrate.lock")
                .at_path(config.shown(&loaded.lock_path))
                .help("run `migrate lock` to freeze the migrations"),
        );
    }
    let fixes = match args.fix {
        true => Some(fix::fix(context, &config, &loaded, args.dry_run)?),
        false => None,
    };
    if fixes.as_ref().is_some_and(fix::Fixes::has_written) {
        loaded = project::load_with_schema_file(&config)?;
    }
    let exit = if loaded.has_errors() {
        Exit::Findings
    } else {
        Exit::Done
    };
    let migrations = loaded.set.migrations().len();
    let json = CheckJson {
        migrations,
        findings: FindingJson::all(&loaded.diagnostics),
        fix: fixes.as_ref().map(fix::Fixes::json),
    };
    let annotations = Annotations::new(&config.root, &loaded.diagnostics, &loaded.allowed);
    match context.printer.format() {
        Format::Sarif => {
            context.printer.data(&annotations.sarif(exit))?;
            return Ok(exit);
        }
        Format::Github => {
            context.printer.data(&annotations.github())?;
            return Ok(exit);
        }
        Format::Human | Format::Json => {}
    }
    context.answer(exit, &json, |printer| {
        if let Some(fixes) = &fixes {
            fixes.talk(printer)?;
            // A diff is for other programs to read, and says nothing else.
            if args.dry_run {
                return Ok(());
            }
        }
        printer.findings(&loaded.diagnostics)?;
        let found = summary(&loaded.diagnostics).unwrap_or_else(|| "no findings".to_owned());
        let text = format!("checked {}: {found}", counted(migrations, "migration"));
        printer.say(Kind::Done, &text);
        if let Some(text) = more_about(&loaded.diagnostics) {
            printer.say(Kind::Done, &text);
        }
        Ok(())
    })
}

/// Where there is more to read about the rules of these findings.
fn more_about(findings: &[Diagnostic]) -> Option<String> {
    let mut rules: Vec<&str> = Vec::new();
    for finding in findings {
        if !rules.contains(&finding.rule.code) {
            rules.push(finding.rule.code);
        }
    }
    let (first, more) = rules.split_first()?;
    let more = match more {
        [] => String::new(),
        more => format!(" (or {})", more.join(", ")),
    };
    Some(format!("for more: migrate check --explain {first}{more}"))
}
