//! Writing migrations anew so that they keep nobody away: what `migrate check --fix` does.
//!
//! The rules of [`hazard`](crate::hazard) say how a statement can do without its lock. Here their
//! advice is followed: what can stay in its script is changed there, what needs a transaction of its
//! own or none moves into migrations right after. Nothing is taken on trust: the result is run through
//! the checks, and what makes another schema, or a finding that was not there, is not proposed.

mod down;
mod draft;
mod proof;
#[cfg(all(test, feature = "postgres"))]
mod tests;

use migrate_core::config::Levels;
use migrate_core::{CheckContext, Diagnostic, Dialect, Level, SourceMigration};

use crate::check::script;
use crate::hazard::{Hazard, Watch};
use crate::schema::Schema;

use draft::Draft;

/// What can be written anew, and what cannot.
#[derive(Clone, Debug, Default)]
pub struct Plan {
    /// The migrations that become others, in their order.
    pub rewritings: Vec<Rewriting>,
    /// Findings with a safe form that does not fit here.
    pub refused: Vec<Refused>,
}

/// A migration that becomes another, or several.
#[derive(Clone, Debug)]
pub struct Rewriting {
    /// Its place in the list.
    pub migration: usize,
    /// The whole text of the file of its up script.
    pub up: Option<String>,
    /// The whole text of the file of its down script, where that is another file.
    pub down: Option<String>,
    /// The migrations that follow it now.
    pub new: Vec<NewMigration>,
    /// The findings that are gone.
    pub fixed: Vec<Diagnostic>,
    /// What somebody has to do, because nothing says how.
    pub left: Vec<String>,
}

/// A migration that is to be made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewMigration {
    /// Its name.
    pub name: String,
    /// The text of its up script.
    pub up: String,
    /// The text of its down script, where the set has such.
    pub down: Option<String>,
}

/// A finding whose safe form was tried.
#[derive(Clone, Debug)]
pub struct Refused {
    /// The finding.
    pub finding: Diagnostic,
    /// Why the safe form does not fit.
    pub why: String,
}

/// How the migrations can be written anew. Those that may not change, and findings that are off or
/// accepted, stay as they are.
///
/// Only PostgreSQL has forms that keep nobody away where the plain ones do.
pub fn plan(
    migrations: &[SourceMigration],
    context: CheckContext<'_>,
    levels: &Levels,
    may_change: impl Fn(&SourceMigration) -> bool,
) -> Plan {
    let mut plan = Plan::default();
    if context.dialect != Dialect::Postgres {
        return plan;
    }
    let planner = Planner { context, levels };
    let mut schema = Schema::new(context.dialect);
    for (index, migration) in migrations.iter().enumerate() {
        if !may_change(migration) || migration.up.rust.is_some() {
            script::run(&migration.up, &mut schema);
            continue;
        }
        schema.begin();
        let watch = Watch::new(context.server, migration.up.transaction);
        let run = script::watched(&migration.up, &mut schema, Some(watch));
        let wanted = |hazard: &Hazard| planner.is_wanted(migration, hazard);
        if !run.findings.is_empty() || !run.hazards.iter().any(wanted) {
            schema.commit();
            continue;
        }
        schema.rollback();
        let rewriting = planner.rewrite(migration, &schema, &mut plan.refused);
        plan.rewritings.extend(rewriting.map(|mut rewriting| {
            rewriting.migration = index;
            rewriting
        }));
        script::run(&migration.up, &mut schema);
    }
    plan
}

struct Planner<'a> {
    context: CheckContext<'a>,
    levels: &'a Levels,
}

impl Planner<'_> {
    fn is_wanted(&self, migration: &SourceMigration, hazard: &Hazard) -> bool {
        hazard.fix.is_some()
            && self.levels.of(hazard.diagnostic.rule) != Level::Off
            && !migration.up.accepts(&hazard.diagnostic)
    }

    /// Follows the advice of one rule after the other, as long as there is any that fits.
    fn rewrite(
        &self,
        migration: &SourceMigration,
        before: &Schema,
        refused: &mut Vec<Refused>,
    ) -> Option<Rewriting> {
        let original = Draft::of(migration, self.context);
        let moved = self.follow(original.clone(), before, refused);
        // A script of which nothing is left but what runs outside a transaction needs no other
        // migration: it is that migration.
        let all = match moved.is_only_concurrent() {
            true => original
                .outside_a_transaction()
                .map(|draft| self.follow(draft, before, &mut Vec::new()))
                .filter(|draft| draft.is_rewritten() && !draft.has_stages()),
            false => None,
        };
        all.unwrap_or(moved).finish()
    }

    fn follow(&self, mut draft: Draft, before: &Schema, refused: &mut Vec<Refused>) -> Draft {
        let mut given_up: Vec<(String, &str)> = Vec::new();
        loop {
            let hazards = draft.hazards(before, self.context);
            let next = hazards.into_iter().find(|hazard| {
                let key = (draft.statement(hazard), hazard.diagnostic.rule.code);
                self.is_wanted(&draft.migration, hazard) && !given_up.contains(&key)
            });
            let Some(hazard) = next else { return draft };
            let key = (draft.statement(&hazard), hazard.diagnostic.rule.code);
            let followed = draft.follow(&hazard).and_then(|next| {
                proof::prove(&draft, &next, &hazard, before, self.context).map(|()| next)
            });
            match followed {
                Ok(next) => draft = next,
                Err(why) => {
                    refused.push(Refused {
                        finding: hazard.diagnostic,
                        why,
                    });
                    given_up.push(key);
                }
            }
        }
    }
}
