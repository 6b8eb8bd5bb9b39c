//! A share of the tables is compared, and nobody calls that verified.

use migrate_ops::backup::{VerificationState, VerifyLevel};
use migrate_ops::event::Event;
use migrate_tests::server;

use super::place::Place;

#[test]
fn a_share_of_the_tables() {
    for server in server::all() {
        let database = server.database("sampled");
        let tables: String = (0..10)
            .map(|at| format!("CREATE TABLE t{at} (a INT); INSERT INTO t{at} VALUES ({at});"))
            .collect();
        database.sql(&tables);
        let mut place = Place::new(server.engine());
        for (percent, count) in [(1, 1), (30, 3), (100, 10)] {
            place.options.sample = percent;
            let stored = place
                .back_up(
                    database.url(),
                    VerifyLevel::Sampled,
                    &mut |_: &Event<'_>| {},
                )
                .unwrap();
            let found = &stored.evidence.verification;
            assert_eq!(found.state, VerificationState::Passed, "{found:?}");
            assert_eq!((found.tables_compared, found.tables), (count, 10));
            assert_eq!(found.rows_compared, count as u64);
            // Not even where the share is everything.
            assert!(!stored.evidence.is_verified());
            let summary = stored.evidence.summary();
            assert!(!summary.contains("verified"), "{summary}");
            assert!(summary.contains(&format!("{percent} %")), "{summary}");
        }
    }
}
