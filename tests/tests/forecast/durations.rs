//! How long statements take: a rehearsal on half the rows, the forecast from it, and what happened.

use std::fmt::Write as _;

use diesel::mysql::Mysql;
use diesel::pg::Pg;
use migrate_core::plan::UpTarget;
use migrate_core::{Direction, MigrationSet};
use migrate_ops::connect::Engine;
use migrate_ops::forecast::{
    Basis, Forecast, Options, Rehearsed, RehearsedStatement, forecast, table_sizes,
};
use migrate_runtime::{Event, Observer};
use migrate_tests::server::{self, Server};

use super::set::{deployed, set};

/// Rows of the large table.
const ROWS: u32 = 120_000;
/// Below this time, in seconds, the noise of the machine is larger than the statement.
const NOISE: f64 = 0.05;
/// So many of the durations have to be foretold within a factor of two, in per cent.
const ENOUGH: usize = 90;
/// Other work on the machine meets the rehearsal or what it foretells, and seldom both alike. So where
/// too few are near, all of it is done again, up to so many times, and the middle one counts.
const ROUNDS: usize = 5;

const POSTGRES: [&str; 36] = [
    "ALTER TABLE orders ADD COLUMN a1 int",
    "ALTER TABLE orders ADD COLUMN a2 int NOT NULL DEFAULT 0",
    "ALTER TABLE orders ADD COLUMN a3 uuid DEFAULT gen_random_uuid()",
    "CREATE INDEX orders_total ON orders (total)",
    "CREATE INDEX orders_note ON orders (note, total)",
    "CREATE UNIQUE INDEX orders_number ON orders (number)",
    "CREATE INDEX CONCURRENTLY orders_made ON orders (made_at)",
    "ALTER TABLE orders ALTER COLUMN note SET NOT NULL",
    "ALTER TABLE orders ALTER COLUMN note DROP NOT NULL",
    "ALTER TABLE orders ADD CONSTRAINT positive CHECK (total >= 0)",
    "ALTER TABLE orders ADD CONSTRAINT noted CHECK (note <> 'x') NOT VALID",
    "ALTER TABLE orders VALIDATE CONSTRAINT noted",
    "ALTER TABLE orders ADD CONSTRAINT of_customer FOREIGN KEY (customer_id) REFERENCES customers",
    "ALTER TABLE orders DROP CONSTRAINT of_customer",
    "ALTER TABLE orders ADD CONSTRAINT of_c FOREIGN KEY (customer_id) REFERENCES customers NOT VALID",
    "ALTER TABLE orders VALIDATE CONSTRAINT of_c",
    "ALTER TABLE orders ALTER COLUMN total TYPE bigint",
    "ALTER TABLE orders ALTER COLUMN note TYPE varchar(200)",
    "ALTER TABLE orders ALTER COLUMN note TYPE text",
    "ALTER TABLE orders ALTER COLUMN total TYPE numeric(12, 2)",
    "UPDATE orders SET a1 = number",
    "UPDATE orders SET a2 = 1 WHERE number % 2 = 0",
    "DELETE FROM orders WHERE number % 50 = 0",
    "CREATE TABLE archive AS SELECT * FROM orders",
    "CREATE MATERIALIZED VIEW totals AS SELECT customer_id, sum(total) FROM orders GROUP BY 1",
    "REFRESH MATERIALIZED VIEW totals",
    "ALTER TABLE orders ADD CONSTRAINT one_number UNIQUE (number)",
    "ALTER TABLE orders DROP COLUMN a2",
    "ALTER TABLE orders RENAME COLUMN a1 TO b1",
    "ALTER TABLE orders ALTER COLUMN b1 SET DEFAULT 7",
    "DROP INDEX orders_note",
    "REINDEX TABLE orders",
    "CLUSTER orders USING orders_pkey",
    "CREATE VIEW notes AS SELECT note FROM orders",
    "COMMENT ON TABLE orders IS 'what was ordered'",
    "ALTER TABLE customers ADD CONSTRAINT one_name UNIQUE (name)",
];

const MARIADB: [&str; 26] = [
    "ALTER TABLE orders ADD COLUMN a1 int",
    "ALTER TABLE orders ADD COLUMN a2 int NOT NULL DEFAULT 0",
    "CREATE INDEX orders_total ON orders (total)",
    "CREATE INDEX orders_note ON orders (note, total)",
    "CREATE UNIQUE INDEX orders_number ON orders (number)",
    "ALTER TABLE orders MODIFY COLUMN total bigint NOT NULL",
    "ALTER TABLE orders MODIFY COLUMN note varchar(70)",
    "ALTER TABLE orders MODIFY COLUMN note varchar(69) NOT NULL",
    "ALTER TABLE orders ADD CONSTRAINT positive CHECK (total >= 0)",
    "ALTER TABLE orders ADD CONSTRAINT of_customer FOREIGN KEY (customer_id) REFERENCES customers (id)",
    "ALTER TABLE orders DROP FOREIGN KEY of_customer",
    "ALTER TABLE orders ADD COLUMN doubled bigint AS (total * 2) STORED",
    "ALTER TABLE orders DROP COLUMN doubled",
    "ALTER TABLE orders FORCE",
    "ALTER TABLE orders ALTER COLUMN a1 SET DEFAULT 7",
    "ALTER TABLE orders RENAME COLUMN a1 TO b1",
    "UPDATE orders SET b1 = number",
    "UPDATE orders SET a2 = 1 WHERE number % 2 = 0",
    "DELETE FROM orders WHERE number % 50 = 0",
    "CREATE TABLE archive AS SELECT * FROM orders",
    "ALTER TABLE orders DROP INDEX orders_note",
    "ALTER TABLE orders ADD FULLTEXT INDEX orders_words (note)",
    "ALTER TABLE orders DROP COLUMN a2",
    "OPTIMIZE TABLE orders",
    "ALTER TABLE customers ADD UNIQUE INDEX one_name (name)",
    "CREATE VIEW notes AS SELECT note FROM orders",
];

fn filled_postgres(rows: u32) -> String {
    format!(
        "CREATE TABLE customers (id bigint PRIMARY KEY, name text NOT NULL);
         INSERT INTO customers SELECT i, 'customer ' || i FROM generate_series(0, 999) i;
         CREATE TABLE orders (id bigint PRIMARY KEY, customer_id bigint NOT NULL, number bigint NOT NULL,
             total int NOT NULL, note varchar(60), made_at timestamptz NOT NULL DEFAULT now());
         INSERT INTO orders (id, customer_id, number, total, note)
             SELECT i, i % 1000, i, i % 977, 'note number ' || md5(i::text)
             FROM generate_series(1, {rows}) i;
         VACUUM ANALYZE"
    )
}

fn filled_mariadb(rows: u32) -> String {
    format!(
        "CREATE TABLE customers (id bigint PRIMARY KEY, name varchar(100) NOT NULL);
         INSERT INTO customers SELECT seq, CONCAT('customer ', seq) FROM seq_0_to_999;
         CREATE TABLE orders (id bigint PRIMARY KEY, customer_id bigint NOT NULL, number bigint NOT NULL,
             total int NOT NULL, note varchar(60), made_at datetime NOT NULL DEFAULT now());
         INSERT INTO orders (id, customer_id, number, total, note)
             SELECT seq, seq % 1000, seq, seq % 977, CONCAT('note number ', MD5(seq))
             FROM seq_1_to_{rows};
         ANALYZE TABLE customers, orders"
    )
}

/// Keeps the time of each statement.
#[derive(Default)]
struct Clock {
    version: String,
    statements: Vec<RehearsedStatement>,
}

impl Observer for Clock {
    fn event(&mut self, event: &Event<'_>) {
        match event {
            Event::MigrationStarted { version, .. } => self.version = version.to_string(),
            Event::StatementFinished {
                index, duration, ..
            } => self.statements.push(RehearsedStatement {
                version: self.version.clone(),
                direction: Direction::Up,
                statement: *index,
                seconds: Some(duration.as_secs_f64()),
                locks: None,
            }),
            _ => {}
        }
    }
}

/// Applies all migrations, and says how large the tables were before and how long each took.
fn apply<DB: Engine>(url: &str, migrations: &MigrationSet) -> Rehearsed {
    deployed::<DB, _>(url, migrations, |deployment, conn| {
        let tables = table_sizes::<DB>(conn).unwrap();
        let mut clock = Clock::default();
        let mut migrator = deployment.migrator().observer(&mut clock);
        migrator.up(conn, &UpTarget::Latest).unwrap();
        drop(migrator);
        Rehearsed {
            statements: clock.statements,
            tables,
            way_back: None,
        }
    })
}

fn foretold<DB: Engine>(
    url: &str,
    migrations: &MigrationSet,
    rehearsal: Option<&Rehearsed>,
) -> Forecast {
    let options = Options {
        rehearsal,
        ..Options::default()
    };
    deployed::<DB, _>(url, migrations, |deployment, conn| {
        forecast(deployment, &options, conn).unwrap()
    })
}

/// What one round saw of a statement, in seconds.
struct Seen {
    measured: f64,
    /// Foretold from the rehearsal, and by the model.
    scaled: f64,
    modelled: f64,
}

/// Rehearses on half the rows, foretells, and runs.
fn round<DB: Engine>(
    server: &Server,
    migrations: &MigrationSet,
    filled: fn(u32) -> String,
) -> Vec<Seen> {
    let (copy, live) = (server.database("half"), server.database("whole"));
    copy.sql(&filled(ROWS / 2));
    live.sql(&filled(ROWS));
    let rehearsal = apply::<DB>(copy.url(), migrations);
    let modelled = foretold::<DB>(live.url(), migrations, None);
    let scaled = foretold::<DB>(live.url(), migrations, Some(&rehearsal));
    let measured = apply::<DB>(live.url(), migrations);
    let of = |forecast: &Forecast, index: usize| forecast.migrations[index].statements[0].duration;
    let all = measured.statements.iter().enumerate();
    all.map(|(index, measured)| {
        let (scaled, modelled) = (of(&scaled, index), of(&modelled, index));
        assert_eq!(scaled.basis, Basis::Rehearsal);
        assert_ne!(modelled.basis, Basis::Rehearsal);
        Seen {
            measured: measured.seconds.unwrap(),
            scaled: scaled.seconds,
            modelled: modelled.seconds,
        }
    })
    .collect()
}

/// The middle one of how many times as long statements took as was foretold, over the rounds.
fn middle(rounds: &[Vec<Seen>], index: usize, foretold: fn(&Seen) -> f64) -> f64 {
    let ratio = |seen: &Seen| seen.measured.max(NOISE) / foretold(seen).max(NOISE);
    let mut ratios: Vec<f64> = rounds.iter().map(|round| ratio(&round[index])).collect();
    ratios.sort_by(f64::total_cmp);
    ratios[ratios.len() / 2]
}

fn is_near(ratio: f64) -> bool {
    (0.5..=2.0).contains(&ratio)
}

/// Compares what was foretold with what happened. Returns how many are right.
fn compare<DB: Engine>(server: &Server, statements: &[&str], filled: fn(u32) -> String) -> usize {
    let scripts: Vec<(&str, &str)> = statements.iter().map(|sql| (*sql, "")).collect();
    let migrations = set(DB::DIALECT, &scripts);
    let mut rounds = Vec::new();
    let right = loop {
        let seen = round::<DB>(server, &migrations, filled);
        assert_eq!(seen.len(), statements.len());
        rounds.push(seen);
        let near = |index: &usize| is_near(middle(&rounds, *index, |seen| seen.scaled));
        let right = (0..statements.len()).filter(near).count();
        // The middle one of an even number is not to choose between two.
        let is_odd = !rounds.len().is_multiple_of(2);
        if is_odd && (right * 100 >= statements.len() * ENOUGH || rounds.len() >= ROUNDS) {
            break right;
        }
    };
    let modelled = |index: &usize| is_near(middle(&rounds, *index, |seen| seen.modelled));
    let mut text = format!(
        "{}: {right} of {} within a factor of two from a rehearsal, {} from the model, in {} rounds\n",
        server.engine(),
        statements.len(),
        (0..statements.len()).filter(modelled).count(),
        rounds.len()
    );
    for (index, sql) in statements.iter().enumerate() {
        let scaled = middle(&rounds, index, |seen| seen.scaled);
        let seen = &rounds[rounds.len() - 1][index];
        writeln!(
            text,
            "{:>7.3} s measured, {:>7.3} s rehearsed {}, {:>7.3} s modelled, ratio {scaled:.2}  {sql}",
            seen.measured,
            seen.scaled,
            if is_near(scaled) { " " } else { "!" },
            seen.modelled,
        )
        .unwrap();
    }
    println!("{text}");
    right
}

#[test]
fn from_a_rehearsal_on_half_the_rows() {
    let mut right = 0;
    let mut of = 0;
    if let Some(server) = server::postgres() {
        right += compare::<Pg>(&server, &POSTGRES, filled_postgres);
        of += POSTGRES.len();
    }
    if let Some(server) = server::mariadb() {
        right += compare::<Mysql>(&server, &MARIADB, filled_mariadb);
        of += MARIADB.len();
    }
    assert!(right * 100 >= of * ENOUGH, "{right} of {of}");
}
