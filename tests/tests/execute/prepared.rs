//! Prepared transactions in the way: they hold locks and belong to no session.

use migrate_ops::execute::ExecutionOutcome;
use migrate_tests::server::{self, Engine, PrivateServer};

use crate::case::Case;

#[test]
fn a_prepared_transaction_is_named() {
    if let Some(private) =
        PrivateServer::start_with(Engine::Postgres, &["max_prepared_transactions=5"])
    {
        let case = Case::new(&private.server(), "prepared").with(
            "1_grow.up.sql",
            "ALTER TABLE orders ADD COLUMN note varchar(20);",
        );
        case.database.sql(
            "CREATE TABLE orders (id int); INSERT INTO orders VALUES (1); \
             BEGIN; UPDATE orders SET id = 2; PREPARE TRANSACTION 'batch-7'",
        );
        is_named(&case, "of the prepared transaction `batch-7`");
        case.database.sql("ROLLBACK PREPARED 'batch-7'");
        let again = case.apply();
        assert_eq!(
            again.execution.outcome,
            ExecutionOutcome::Done,
            "{again:#?}"
        );
    }
    if let Some(server) = server::mariadb() {
        let case = Case::new(&server, "prepared")
            .with("1_grow.up.sql", "UPDATE orders SET id = 3 WHERE id = 1;");
        let name = format!("batch-{}", std::process::id());
        case.database.sql(&format!(
            "CREATE TABLE orders (id int PRIMARY KEY); INSERT INTO orders VALUES (1); \
             XA START '{name}'; UPDATE orders SET id = 2 WHERE id = 1; XA END '{name}'; \
             XA PREPARE '{name}'"
        ));
        is_named(&case, "of a prepared transaction");
        case.database.sql(&format!("XA ROLLBACK '{name}'"));
        let again = case.apply();
        assert_eq!(
            again.execution.outcome,
            ExecutionOutcome::Done,
            "{again:#?}"
        );
    }
}

fn is_named(case: &Case, expected: &str) {
    let applied = case.apply();
    let execution = &applied.execution;
    assert_eq!(
        execution.outcome,
        ExecutionOutcome::Failed,
        "{execution:#?}"
    );
    let blockers = &execution.scripts[0].statements[0].blockers;
    assert!(
        blockers.iter().any(|it| it.session.contains(expected)),
        "{:?}: {execution:#?}",
        case.engine
    );
}
