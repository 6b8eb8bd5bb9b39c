//! Runs as they may come out: large, failed, killed, tiny.

use migrate_ops::analyse::{Analysis, DriftState, Finding, Pending, WayBack};
use migrate_ops::event::Step;
use migrate_ops::report::{Git, MigrationsDigest, SURROUNDINGS, Server, Setting, Surroundings};
use migrate_ops::run_state::{Outcome, What};

use crate::journal::{Journal, Script};

/// Version, name, whether it is one transaction, how long each statement takes.
const LARGE: [(&str, &str, bool, &[u64]); 12] = [
    (
        "20260112090000",
        "customers_marketing_consent",
        true,
        &[31, 12, 18],
    ),
    (
        "20260114101500",
        "orders_status_history",
        true,
        &[44, 27, 95, 16, 21, 13],
    ),
    (
        "20260119083000",
        "index_orders_customer_id",
        false,
        &[73_210, 140],
    ),
    (
        "20260121160000",
        "products_full_text_search",
        true,
        &[120, 4_410, 86, 32],
    ),
    (
        "20260126110000",
        "inventory_reservations",
        true,
        &[38, 41, 22, 19, 24, 17, 33],
    ),
    (
        "20260129143000",
        "invoices_number_to_bigint",
        true,
        &[88, 12_730, 61, 54],
    ),
    (
        "20260202090000",
        "addresses_country_code",
        true,
        &[26, 1_830, 402, 15],
    ),
    ("20260204130000", "drop_legacy_sessions", true, &[64, 11]),
    (
        "20260209101500",
        "payments_provider_enum",
        true,
        &[29, 17, 203, 48, 35],
    ),
    (
        "20260216120000",
        "index_shipments_tracking_number",
        false,
        &[18_660, 95],
    ),
    (
        "20260223093000",
        "order_lines_check_quantity",
        true,
        &[23, 3_940, 28, 12, 19, 27, 31, 15],
    ),
    (
        "20260301080000",
        "reporting_views_2026",
        true,
        &[52, 47, 61, 38, 44, 39, 57, 41, 36, 48, 45, 33, 29],
    ),
];

fn surroundings(version: &str) -> Surroundings {
    let setting = |name: &str, value: &str| Setting {
        name: name.to_owned(),
        value: value.to_owned(),
    };
    Surroundings {
        operator: Some("ann.winter".to_owned()),
        host: Some("deploy-3.shop.example".to_owned()),
        git: Some(Git {
            commit: "9b1c54f2f7c0de3a6f0a4e0a1f6f2f6f8d7c1e22".to_owned(),
            changed: false,
        }),
        migrations: Some(MigrationsDigest {
            count: 131,
            sha256: "3f7a9d0b6c4e8215f0aa17c9d2b43e658817fa0c5d9e24b761f38ac09e5d7b12".to_owned(),
        }),
        server: Some(Server {
            version: version.to_owned(),
            settings: vec![
                setting("max_connections", "200"),
                setting("shared_buffers", "4GB"),
                setting("wal_level", "replica"),
                setting("lock_timeout", "0"),
            ],
        }),
    }
}

fn analysis(database: &str, server: &str) -> Analysis {
    let pending = LARGE
        .iter()
        .map(|(version, name, transaction, statements)| Pending {
            version: (*version).to_owned(),
            name: (*name).to_owned(),
            statements: statements.len(),
            transaction: *transaction,
            rust: false,
            way_back: WayBack::Script,
        });
    let finding =
        |version: &str, rule: &str, level: &str, message: &str, waived: Option<&str>| Finding {
            version: version.to_owned(),
            direction: "up".to_owned(),
            rule: rule.to_owned(),
            level: level.to_owned(),
            message: message.to_owned(),
            path: None,
            line: None,
            notes: Vec::new(),
            help: Vec::new(),
            waived: waived.map(str::to_owned),
        };
    Analysis {
        database: database.to_owned(),
        dialect: "postgres".to_owned(),
        server: server.to_owned(),
        from: Some("20260108120000".to_owned()),
        to: Some("20260301080000".to_owned()),
        applied: 119,
        pending: pending.collect(),
        findings: vec![
            finding(
                "20260129143000",
                "table-rewrite",
                "warning",
                "the new type of `invoices.number` rewrites the table, and nobody reads it meanwhile",
                Some("the shop is closed from 22:00 to 23:00"),
            ),
            finding(
                "20260204130000",
                "drop-table",
                "info",
                "the table `sessions_legacy` and its rows are gone",
                None,
            ),
        ],
        changes: Some(
            [
                "table `order_status_history` is new",
                "table `inventory_reservations` is new",
                "table `sessions_legacy` is gone",
                "column `customers.marketing_consent` is new",
                "column `invoices.number`: type `integer` becomes `bigint`",
                "index `orders_customer_id_idx` on `orders` is new",
                "check `order_lines_quantity_positive` on `order_lines` is new",
            ]
            .map(str::to_owned)
            .to_vec(),
        ),
        changes_are_partial: false,
        drift: DriftState::None { partial: false },
    }
}

/// 12 migrations with 60 statements.
pub(crate) fn large() -> Journal {
    let database = "postgres://migrator@db-1.shop.example:5432/shop";
    let mut run = Journal::new(database);
    let server = "PostgreSQL 15.8";
    run.evidence(SURROUNDINGS, &surroundings(server));
    run.pass(120);
    let text = "119 applied, 12 pending, 60 statements; 1 hazard waived with reason; no drift";
    run.step(Step::Analyse, 1_900, text);
    run.evidence("analyse", &analysis(database, server));
    let text =
        "logical, pg_dump custom format, 1.2 GiB, 41 s; restored and compared: 20 tables equal";
    run.step(Step::Backup, 104_300, text);
    run.started(Step::Rehearse);
    for direction in ["up", "down", "up"] {
        for (version, name, transaction, statements) in LARGE {
            run.script(&Script {
                step: Step::Rehearse,
                version,
                name,
                direction,
                transaction,
                statements,
            });
        }
    }
    run.finished(
        Step::Rehearse,
        "on the restored copy, private server: up, down, up; schema and data came back",
    );
    let text = "longest stall 12.9 s on invoices; fits the window of 30 min: go";
    run.step(Step::Plan, 640, text);
    run.started(Step::Apply);
    for (at, (version, name, transaction, statements)) in LARGE.iter().enumerate() {
        let script = Script {
            step: Step::Apply,
            version,
            name,
            direction: "up",
            transaction: *transaction,
            statements,
        };
        run.script_started(&script);
        if at == 5 {
            run.statement_started(Step::Apply, 1, 4);
            run.pass(5_000);
            run.write(What::LockTimeout {
                step: Step::Apply,
                attempt: 1,
                of: 11,
                pause_seconds: 1.4,
            });
            run.pass(1_400);
        }
        run.script_goes_on(&script);
    }
    run.write(What::Warning {
        step: Step::Apply,
        text:
            "20260129143000 waited 5.0 s for a lock on invoices, held by process 2291 (reporting)"
                .to_owned(),
    });
    run.finished(Step::Apply, "12 of 12 applied");
    let text = "20 tables counted, 41 foreign keys checked, 6 rules hold";
    run.step(Step::Validate, 21_500, text);
    run.over(Outcome::Succeeded, "12 migrations applied");
    run
}

/// A script without a transaction that fails in the middle.
pub(crate) fn failed() -> Journal {
    let database = "mariadb://migrator@db-2.shop.example:3306/shop";
    let mut run = Journal::new(database);
    let server = "MariaDB 10.11.14";
    run.evidence(SURROUNDINGS, &surroundings(server));
    run.step(Step::Analyse, 900, "119 applied, 12 pending");
    run.evidence("analyse", &analysis(database, server));
    run.step(
        Step::Backup,
        88_000,
        "logical, mariadb-dump, 940 MiB; not verified",
    );
    run.step(Step::Plan, 300, "longest stall 13 s on invoices: go");
    run.started(Step::Apply);
    for (version, name, _, statements) in LARGE.iter().take(5) {
        run.script(&Script {
            step: Step::Apply,
            version,
            name,
            direction: "up",
            transaction: false,
            statements,
        });
    }
    let (version, name, _, statements) = LARGE[5];
    run.script_started(&Script {
        step: Step::Apply,
        version,
        name,
        direction: "up",
        transaction: false,
        statements,
    });
    run.pass(40);
    run.statement_started(Step::Apply, 1, 4);
    run.pass(7_300);
    run.failed(
        Step::Apply,
        "20260129143000_invoices_number_to_bigint, statement 1: Duplicate entry for key `PRIMARY`",
    );
    run.over(Outcome::Failed, "1 migration failed");
    run
}

/// One migration, nothing else, on a file.
pub(crate) fn tiny() -> Journal {
    let mut run = Journal::new("sqlite://app.db");
    run.started(Step::Apply);
    run.script(&Script {
        step: Step::Apply,
        version: "1",
        name: "authors",
        direction: "up",
        transaction: true,
        statements: &[2],
    });
    run.finished(Step::Apply, "1 of 1 applied");
    run.over(Outcome::Succeeded, "1 migration applied");
    run
}

/// The process was killed in the middle of a statement.
pub(crate) fn killed() -> Journal {
    let mut run = Journal::new("postgres://migrator@db-1.shop.example:5432/shop");
    run.step(Step::Analyse, 900, "3 pending");
    run.started(Step::Apply);
    run.script_started(&Script {
        step: Step::Apply,
        version: "7",
        name: "orders",
        direction: "up",
        transaction: true,
        statements: &[1, 2],
    });
    run.statement_started(Step::Apply, 1, 2);
    run
}
