//! A table of twelve columns whose values have 200 bytes in all, and one that refers to it.

use crate::server::{Database, Engine};

/// Makes and fills `wide`, and `parts` with half as many rows and two indexes.
pub(super) fn fill(database: &Database, rows: usize) {
    // Eight bytes each for four numbers and a moment, four for a number and a day each, and five
    // texts: 40 + 8 + 152 = 200.
    let (types, made, dash) = match database.engine() {
        Engine::Postgres => (
            ["bigint", "double precision", "timestamp(0)"],
            "generate_series(1, {rows}) s(n)",
            "||",
        ),
        Engine::Mariadb => (
            ["bigint", "double", "datetime"],
            "(SELECT seq AS n FROM seq_1_to_{rows}) s",
            "",
        ),
        Engine::Sqlite => (
            ["integer", "real", "text"],
            "(WITH RECURSIVE s(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM s WHERE n < {rows}) SELECT n FROM s) s",
            "||",
        ),
    };
    let [number, real, moment] = types;
    let joined = |a: &str, b: &str| match dash {
        "" => format!("CONCAT({a}, {b})"),
        dash => format!("{a} {dash} {b}"),
    };
    let hash = match database.engine() {
        Engine::Sqlite => "lower(hex(randomblob(16)))",
        Engine::Postgres => "md5(n::text)",
        Engine::Mariadb => "MD5(n)",
    };
    let (day, at) = match database.engine() {
        Engine::Postgres => (
            "date '2026-01-01' + n % 3000",
            "timestamp '2026-01-01' + n * interval '1 second'",
        ),
        Engine::Mariadb => (
            "DATE_ADD('2026-01-01', INTERVAL n % 3000 DAY)",
            "DATE_ADD('2026-01-01', INTERVAL n SECOND)",
        ),
        Engine::Sqlite => (
            "date(1767225600 + n * 86400 % 200000000, 'unixepoch')",
            "datetime(1767225600 + n, 'unixepoch')",
        ),
    };
    let source = made.replace("{rows}", &rows.to_string());
    let half = made.replace("{rows}", &(rows / 2).to_string());
    let long = joined(hash, "'00112233'");
    database.sql(&format!(
        "CREATE TABLE wide (id {number} NOT NULL PRIMARY KEY, customer {number} NOT NULL, total {number} NOT NULL, \
         weight {real} NOT NULL, made {moment} NOT NULL, day date NOT NULL, pieces int NOT NULL, \
         name varchar(40) NOT NULL, street varchar(40) NOT NULL, town varchar(40), mail varchar(40) NOT NULL, \
         state varchar(8) NOT NULL)"
    ));
    database.sql(&format!(
        "INSERT INTO wide SELECT n, n % 1000, n * 7, n / 7.0, {at}, {day}, n % 10, {hash}, {long}, {long}, {long}, 'new' FROM {source}"
    ));
    database.sql(&format!(
        "CREATE TABLE parts (id {number} NOT NULL PRIMARY KEY, wide_id {number} NOT NULL, note varchar(40) NOT NULL, \
         FOREIGN KEY (wide_id) REFERENCES wide (id))"
    ));
    database.sql(&format!(
        "INSERT INTO parts SELECT n, n, {hash} FROM {half}"
    ));
    database.sql("CREATE INDEX parts_note ON parts (note); CREATE INDEX wide_customer ON wide (customer, total)");
    match database.engine() {
        Engine::Postgres => drop(database.sql("VACUUM ANALYZE")),
        Engine::Mariadb => drop(database.sql("ANALYZE TABLE wide, parts")),
        Engine::Sqlite => {}
    }
}

/// How many bytes the database has on its disk.
pub(super) fn size(database: &Database) -> u64 {
    let sql = match database.engine() {
        Engine::Postgres => "SELECT pg_database_size(current_database())",
        Engine::Mariadb => {
            "SELECT SUM(data_length + index_length) FROM information_schema.tables WHERE table_schema = DATABASE()"
        }
        Engine::Sqlite => {
            "SELECT page_count * page_size FROM pragma_page_count(), pragma_page_size()"
        }
    };
    database.sql(sql).trim().parse().expect("a number of bytes")
}
