//! The parts of help texts that are more than a sentence.

use crate::exit::Exit;

/// Examples, then the exit codes.
pub(super) fn after(examples: &str) -> String {
    format!(
        "Examples:\n{}\n{}",
        indent(examples),
        Exit::table().trim_end()
    )
}

fn indent(text: &str) -> String {
    text.lines().map(|line| format!("  {line}\n")).collect()
}

pub(super) const MIGRATE: &str = "\
migrate new create_authors
migrate up --dir migrations --database sqlite://bookshop.db
migrate status --check";

pub(super) const NEW: &str = "\
migrate new create_authors
migrate new \"add authors.born\"
migrate new born --sql \"ALTER TABLE authors ADD COLUMN born date\"
migrate new catch_up --from-diff --database sqlite://dev.db
migrate new catch_up --from-diff --schema schema.sql
migrate new --down 20260131120000   # propose what takes a draft back";

pub(super) const CHECK: &str = "\
migrate check
migrate check --locked        # for CI: every migration has to be frozen
migrate check --format github # annotations in a workflow
migrate check --explain       # all rules
migrate check --explain blocking-index
migrate check --fix --dry-run # what would be rewritten so that nobody is kept away";

pub(super) const SCHEMA: &str = "\
migrate schema --diesel > src/schema.rs
migrate schema --sql > schema.sql
migrate schema --mermaid > schema.mmd";

pub(super) const LOCK: &str = "\
migrate lock                  # freeze what is new, resolve conflict markers
migrate lock 20260131120000   # freeze this one again although its up script was changed
migrate lock --take theirs    # both sides of a merge froze different scripts";

pub(super) const STATUS: &str = "\
migrate status
migrate status --check        # exit code 1 where anything is pending
migrate status --format json";

pub(super) const UP: &str = "\
migrate up
migrate up --to 20260131120000
migrate up --dry-run > up.sql";

pub(super) const REHEARSE: &str = "\
migrate rehearse              # on the newest backup
migrate rehearse --empty
migrate rehearse --keep       # and look at the copy afterwards
migrate rehearse --staging postgres://shop@staging.example/shop";

pub(super) const DOWN: &str = "\
migrate down                  # the newest one
migrate down --to 20260131120000 --yes";

pub(super) const REDO: &str = "\
migrate redo";

pub(super) const RESUME: &str = "\
migrate resume
migrate resume --assume done  # after looking at the database
migrate resume --abandon      # nothing of it has happened: forget that it was begun";

pub(super) const BASELINE: &str = "\
migrate baseline --to 20260131120000";

pub(super) const ADOPT: &str = "\
migrate adopt
migrate adopt --from sqlx --dry-run";

pub(super) const VERIFY: &str = "\
migrate verify";

pub(super) const DRIFT: &str = "\
migrate drift
migrate drift --format json";

pub(super) const RUN: &str = "\
migrate run --window 30min --report out
migrate run --staging postgres://shop@staging.example/shop --on-failure rollback
migrate run --no-rehearsal 'rehearsed today on staging'";

pub(super) const PLAN: &str = "\
migrate plan
migrate plan --window 30min   # applying, validating and rolling back have to fit into it
migrate plan --sql > run.sql  # to run by hand: psql -f run.sql";

pub(super) const BACKUP: &str = "\
migrate backup
migrate backup --dry-run      # whether one can be made, and what it is expected to take
migrate backup --keep 5
migrate backup --kind physical
migrate backup --verify sampled --sample 10
migrate backup --list";

pub(super) const RESTORE: &str = "\
migrate restore --as shop_restored
migrate restore 20260301T123456Z-9f3a
migrate restore 20260301T123456Z-9f3a --until 20260301T140000Z-04c1 --as shop_before
migrate restore 20260301T123456Z-9f3a --until 2026-03-01T13:59:00Z --data-directory /var/lib/before";

pub(super) const VALIDATE: &str = "\
migrate validate
migrate validate --record before.json  # before the run
migrate validate --before before.json  # after it
migrate validate --before before.json --analyze --command ./smoke-test";

pub(super) const REPORT: &str = "\
migrate report                # the newest run, as Markdown
migrate report -o report.html
migrate report --list
migrate report 20260301T123456Z-9f3a --json";

pub(super) const DIFF: &str = "\
migrate diff                             # what the database lacks to be as the migrations make it
migrate diff --sql migrations schema.sql # the SQL from the migrations to an edited schema file
migrate diff --check staging.db app.db   # two SQLite files";

pub(super) const DATABASE: &str = "\
migrate database create
migrate database reset --yes";

pub(super) const CREATE: &str = "\
migrate database create
migrate database create --dry-run";

pub(super) const DROP: &str = "\
migrate database drop
migrate database drop --yes --database sqlite://test.db";

pub(super) const RESET: &str = "\
migrate database reset --yes";
