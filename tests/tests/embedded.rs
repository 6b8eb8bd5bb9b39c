//! What `embed_migrations!` writes, compiled and used.

#![deny(missing_docs, deprecated, unused)]
#![allow(clippy::unwrap_used)]

use std::time::Duration;

use diesel::connection::SimpleConnection;
use diesel::sql_types::Text;
use diesel::{Connection, QueryableByName, RunQueryDsl, SqliteConnection, sql_query};
use migrate_core::{Down, Migration, head_digest, plan};
use migrate_runtime::{Migrations, embed_migrations};

embed_migrations!("embedded/directories", dialect = sqlite, mod = directories);
embed_migrations!("embedded/pairs", dialect = "sqlite", mod = pairs);
embed_migrations!("embedded/single-files", dialect = sqlite, mod = single_files);
embed_migrations!("embedded/up-only", dialect = sqlite, mod = up_only);
embed_migrations!("embedded/prefixed", dialect = sqlite, mod = prefixed,);
embed_migrations!("embedded/names", dialect = sqlite, mod = names);
embed_migrations!(set = "directions", mod = r#mod);
embed_migrations!("embedded/text", dialect = sqlite, mod = text);
embed_migrations!("embedded/rust", dialect = sqlite, mod = rust);
embed_migrations!("embedded/postgres", dialect = postgres, mod = postgres);
embed_migrations!("embedded/mysql", dialect = mysql, mod = mysql);
embed_migrations!(set = "analytics", mod = analytics);

mod reexport {
    pub(crate) use migrate_runtime as renamed;
}

mod elsewhere {
    migrate_runtime::embed_migrations!(
        "embedded/pairs",
        dialect = sqlite,
        crate = crate::reexport::renamed
    );
    migrate_runtime::embed_migrations!("embedded/pairs", dialect = sqlite, mod = a, crate = super::reexport::renamed);
    migrate_runtime::embed_migrations!("embedded/pairs", dialect = sqlite, mod = b, crate = migrate_runtime);
    use migrate_runtime as local;
    migrate_runtime::embed_migrations!("embedded/pairs", dialect = sqlite, mod = c, crate = self::local);
}

fn memory() -> SqliteConnection {
    SqliteConnection::establish(":memory:").unwrap()
}

#[derive(QueryableByName)]
struct Name {
    #[diesel(sql_type = Text)]
    name: String,
}

fn texts(conn: &mut SqliteConnection, sql: &str) -> Vec<String> {
    sql_query(sql)
        .load::<Name>(conn)
        .unwrap()
        .into_iter()
        .map(|row| row.name)
        .collect()
}

fn tables(conn: &mut SqliteConnection) -> Vec<String> {
    let sql = "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE '\\_migrate%' ESCAPE '\\' ORDER BY name";
    texts(conn, sql)
}

fn shown(migrations: &[Migration]) -> Vec<String> {
    migrations.iter().map(ToString::to_string).collect()
}

#[test]
fn every_layout_makes_the_same_set() {
    let all: [(&str, &[Migration], bool); 6] = [
        (
            "directories",
            directories::MIGRATIONS.set().migrations(),
            true,
        ),
        ("pairs", pairs::MIGRATIONS.set().migrations(), true),
        (
            "single files",
            single_files::MIGRATIONS.set().migrations(),
            true,
        ),
        ("up only", up_only::MIGRATIONS.set().migrations(), false),
        ("prefixed", prefixed::MIGRATIONS.set().migrations(), true),
        (
            "elsewhere",
            elsewhere::migrations::MIGRATIONS.set().migrations(),
            true,
        ),
    ];
    let sums: Vec<_> = all[0]
        .1
        .iter()
        .map(|migration| migration.up.checksum)
        .collect();
    for (layout, migrations, has_downs) in all {
        assert_eq!(
            shown(migrations),
            ["1_create_users", "2_create_posts"],
            "{layout}"
        );
        for (migration, sum) in migrations.iter().zip(&sums) {
            assert_eq!(migration.up.checksum, *sum, "{layout}");
            assert_eq!(
                matches!(migration.down, Down::Script(_)),
                has_downs,
                "{layout}"
            );
        }
    }
}

#[test]
fn every_layout_goes_up_and_down() {
    let all: [Migrations<diesel::sqlite::Sqlite>; 4] = [
        directories::MIGRATIONS,
        pairs::MIGRATIONS,
        single_files::MIGRATIONS,
        prefixed::MIGRATIONS,
    ];
    for migrations in all {
        let mut conn = memory();
        migrations.run(&mut conn).unwrap();
        assert_eq!(tables(&mut conn), ["posts", "users"]);
        migrations.revert(&mut conn, 2).unwrap();
        assert!(tables(&mut conn).is_empty());
    }
}

#[test]
fn a_function_a_migration_and_direction() {
    let mut conn = memory();
    let early = single_files::create_posts::up(&mut conn).unwrap_err();
    assert!(
        early.to_string().contains("older ones are pending"),
        "{early}"
    );
    single_files::create_users::up(&mut conn).unwrap();
    assert!(
        single_files::create_users::up(&mut conn)
            .unwrap()
            .steps
            .is_empty()
    );
    single_files::create_posts::up(&mut conn).unwrap();
    let late = single_files::create_users::down(&mut conn).unwrap_err();
    assert!(
        late.to_string().contains("newer ones are applied"),
        "{late}"
    );
    single_files::create_posts::down(&mut conn).unwrap();
    assert_eq!(tables(&mut conn), ["users"]);
    assert_eq!(single_files::create_users::NAME, "create_users");
    assert_eq!(
        single_files::create_users::VERSION,
        single_files::Version::CreateUsers
    );
}

#[test]
fn versions_are_an_enum() {
    use directories::Version;
    let mut conn = memory();
    directories::MIGRATIONS
        .run_to(&mut conn, Version::CreateUsers)
        .unwrap();
    assert_eq!(tables(&mut conn), ["users"]);
    directories::MIGRATIONS.run(&mut conn).unwrap();
    directories::MIGRATIONS
        .revert_to(&mut conn, Version::CreateUsers)
        .unwrap();
    assert_eq!(tables(&mut conn), ["users"]);
    assert_eq!(Version::ALL, [Version::CreateUsers, Version::CreatePosts]);
    assert!(Version::CreateUsers < Version::CreatePosts);
    assert_eq!(Version::CreatePosts.to_string(), "2");
    assert_eq!(
        migrate_core::Version::from(Version::CreatePosts).as_str(),
        "2"
    );
}

#[test]
fn names_become_identifiers() {
    let mut conn = memory();
    names::MIGRATIONS.run(&mut conn).unwrap();
    assert_eq!(tables(&mut conn).len(), names::Version::ALL.len());
    use names::Version;
    for (version, name, expected) in [
        (
            names::add_http_url_v2::VERSION,
            names::add_http_url_v2::NAME,
            Version::AddHttpUrlV2,
        ),
        (names::r#type::VERSION, names::r#type::NAME, Version::Type),
        (names::self_::VERSION, names::self_::NAME, Version::Self_),
        (
            names::_2fa_tokens::VERSION,
            names::_2fa_tokens::NAME,
            Version::_2faTokens,
        ),
        (
            names::größe_ändern::VERSION,
            names::größe_ändern::NAME,
            Version::GrößeÄndern,
        ),
        (
            names::作者を作る::VERSION,
            names::作者を作る::NAME,
            Version::作者を作る,
        ),
        (names::str::VERSION, names::str::NAME, Version::Str),
        (names::bool::VERSION, names::bool::NAME, Version::Bool),
        (names::dashed::VERSION, names::dashed::NAME, Version::Dashed),
        (
            names::add_users::VERSION,
            names::add_users::NAME,
            Version::AddUsers,
        ),
        (
            names::add_users_20240111000000::VERSION,
            names::add_users_20240111000000::NAME,
            Version::AddUsers20240111000000,
        ),
        (
            names::add_users_20240112000000::VERSION,
            names::add_users_20240112000000::NAME,
            Version::AddUsers20240112000000,
        ),
        (
            names::a_l_l::VERSION,
            names::a_l_l::NAME,
            Version::ALL20240113000000,
        ),
        (
            names::version::VERSION,
            names::version::NAME,
            Version::Version,
        ),
        (names::core::VERSION, names::core::NAME, Version::Core),
        (names::r#gen::VERSION, names::r#gen::NAME, Version::Gen),
        (
            names::quote_d_name::VERSION,
            names::quote_d_name::NAME,
            Version::QuoteDName,
        ),
        (
            names::v20240121000000::VERSION,
            names::v20240121000000::NAME,
            Version::V20240121000000,
        ),
    ] {
        assert_eq!(version, expected);
        let migration = names::MIGRATIONS.set().get(&version.into()).unwrap();
        assert_eq!(migration.name, name);
    }
    assert_eq!(names::dashed::VERSION.as_str(), "20240109000000");
    names::u8::down(&mut conn).unwrap();
}

#[test]
fn what_cannot_be_reverted_is_told_apart() {
    let migrations = r#mod::MIGRATIONS.set().migrations();
    assert!(matches!(&migrations[0].down, Down::Script(_)));
    assert!(
        matches!(&migrations[1].down, Down::Irreversible { reason } if reason == "the data is gone")
    );
    assert!(matches!(&migrations[2].down, Down::Missing));
    let mut conn = memory();
    r#mod::create_users::up(&mut conn).unwrap();
    r#mod::create_users::down(&mut conn).unwrap();
}

#[test]
fn texts_are_what_is_in_the_files() {
    let migrations = text::MIGRATIONS.set().migrations();
    let file = |path: &str| {
        std::fs::read_to_string(format!("{}/{path}", env!("CARGO_MANIFEST_DIR"))).unwrap()
    };
    let up = &migrations[0].up;
    assert_eq!(up.path, "embedded/text/1_windows/up.sql");
    assert_eq!(up.text(), migrate_core::normalise(&file(&up.path)));
    assert_eq!(
        (up.transaction, migrations[1].up.transaction),
        (true, false)
    );
    let mut conn = memory();
    text::MIGRATIONS.run(&mut conn).unwrap();
    assert_eq!(texts(&mut conn, "SELECT t AS name FROM a"), ["x\ny"]);
}

#[test]
fn checksums_are_those_of_the_checker() {
    for migrations in [
        text::MIGRATIONS.set(),
        single_files::MIGRATIONS.set(),
        names::MIGRATIONS.set(),
    ] {
        for migration in migrations.migrations() {
            let up = &migration.up;
            let sum =
                migrate_core::script_checksum(&up.sql, migrations.dialect(), up.transaction, None);
            assert_eq!(up.checksum, sum, "{migration}");
        }
    }
}

#[test]
fn an_up_to_date_database_is_seen_by_its_head() {
    let mut conn = memory();
    directories::MIGRATIONS.run(&mut conn).unwrap();
    let rows = directories::MIGRATIONS
        .set()
        .migrations()
        .iter()
        .map(|m| (&m.version, &m.up.checksum));
    let digest = head_digest(rows).to_string();
    assert!(format!("{:?}", directories::MIGRATIONS).contains(&digest));
    assert!(
        directories::MIGRATIONS
            .run(&mut conn)
            .unwrap()
            .steps
            .is_empty()
    );
}

#[test]
fn rust_code_runs_in_the_transaction_of_its_sql() {
    let mut conn = memory();
    let names = |conn: &mut SqliteConnection| texts(conn, "SELECT name FROM users ORDER BY id");
    rust::create_users::up(&mut conn).unwrap();
    rust::fill::up(&mut conn).unwrap();
    assert_eq!(names(&mut conn), ["from sql", "from sql and rust"]);
    let failed = rust::fail::up(&mut conn).unwrap_err();
    assert!(
        format!("{failed:?}").contains("no more users"),
        "{failed:?}"
    );
    assert_eq!(names(&mut conn).len(), 2);
    let mut conn = memory();
    rust::MIGRATIONS
        .run_to(&mut conn, rust::Version::Fill)
        .unwrap();
    rust::fill::down(&mut conn).unwrap();
    assert!(names(&mut conn).is_empty());
}

#[test]
fn rust_code_says_whether_it_may_be_repeated() {
    use diesel::sqlite::Sqlite;
    use migrate_core::Direction::{Down, Up};
    use migrate_runtime::Code;
    type Rust = rust::Rust;
    let has = |migration, direction| <Rust as Code<Sqlite>>::has(migration, direction);
    let repeatable =
        |migration, direction| <Rust as Code<Sqlite>>::repeatable(migration, direction);
    assert_eq!(
        [
            has(0, Up),
            has(1, Up),
            has(1, Down),
            has(2, Up),
            has(2, Down)
        ],
        [false, true, true, true, false]
    );
    assert_eq!(
        [repeatable(1, Up), repeatable(1, Down), repeatable(2, Up)],
        [true, false, false]
    );
}

#[test]
fn settings_are_those_of_the_set() {
    let settings = analytics::MIGRATIONS.settings();
    assert_eq!(settings.history_table, "analytics_history");
    assert_eq!(settings.lock, migrate_runtime::LockKind::Session);
    assert_eq!(settings.policy.out_of_order, plan::OutOfOrder::Allow);
    assert_eq!(settings.policy.ahead, plan::Ahead::Refuse);
    assert_eq!(settings.transactions, migrate_runtime::Transactions::All);
    assert_eq!(settings.lock_wait, Duration::from_secs(300));
    assert_eq!(settings.lock_timeout, Duration::from_millis(250));
    assert_eq!(settings.lock_retries, 3);
    assert_eq!(settings.statement_timeout, Some(Duration::from_secs(3600)));
    let mut conn = memory();
    analytics::MIGRATIONS.run(&mut conn).unwrap();
    conn.batch_execute("SELECT * FROM analytics_history")
        .unwrap();
    let defaults = directories::MIGRATIONS.settings();
    assert_eq!(
        format!("{defaults:?}"),
        format!("{:?}", migrate_runtime::Settings::DEFAULT)
    );
}

#[test]
fn a_set_is_for_one_database() {
    let _: Migrations<diesel::pg::Pg> = postgres::MIGRATIONS;
    let _: Migrations<diesel::mysql::Mysql> = mysql::MIGRATIONS;
    assert!(!postgres::MIGRATIONS.set().migrations()[0].up.transaction);
    assert_eq!(mysql::Version::ALL, [mysql::Version::Routine]);
}

#[test]
fn diesels_own_harness_takes_it() {
    use diesel_migrations::MigrationHarness;
    let mut conn = memory();
    conn.run_pending_migrations(pairs::MIGRATIONS).unwrap();
    assert_eq!(
        texts(
            &mut conn,
            "SELECT version AS name FROM __diesel_schema_migrations ORDER BY 1"
        ),
        ["1", "2"]
    );
}
