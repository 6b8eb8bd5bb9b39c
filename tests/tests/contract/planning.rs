//! What stands in the way of a run: edited, missing, out of order, ahead, another tool; and names of
//! every sort.

use migrate_core::Version;
use migrate_core::plan::{Ahead, DownTarget, OutOfOrder, Standing, UpTarget};
use migrate_runtime::{Error, ErrorKind};
use migrate_tests::contract::{Client, Command, Folder, Job, Kind, Outcome};
use migrate_tests::server::{self, Engine};

const TABLE: [&str; 3] = [
    "CREATE TABLE one (id int);",
    "CREATE TABLE two (id int);",
    "CREATE TABLE three (id int);",
];

fn three(engine: Engine) -> Folder {
    Folder::new(engine)
        .with("1_one.sql", TABLE[0])
        .with("2_two.sql", TABLE[1])
        .with("3_three.sql", TABLE[2])
}

fn refusal(result: Result<Outcome, Error>) -> String {
    let error = result.unwrap_err();
    assert!(matches!(error.kind(), ErrorKind::Refused(_)), "{error:?}");
    error.to_string()
}

fn standings(client: &mut dyn Client, folder: &Folder) -> Vec<Standing> {
    let status = client
        .migrate(&folder.set(), &Job::status())
        .unwrap()
        .status();
    status.rows.iter().map(|row| row.standing).collect()
}

#[test]
fn edited_missing_out_of_order_ahead() {
    for server in server::all() {
        for kind in Kind::of(server.engine()) {
            let database = server.database("planned");
            let folder = three(server.engine());
            let client = &mut *kind.connect(&database);
            client.migrate(&folder.set(), &Job::up()).unwrap();
            folder.write("2_two.sql", "CREATE TABLE two (id int, more int);");
            folder.write("4_four.sql", "CREATE TABLE four (id int);");
            assert_eq!(
                refusal(client.migrate(&folder.set(), &Job::up())),
                "migration 2_two was edited after it was applied; put the file back as it was and \
                 write the change as a new migration"
            );
            use Standing::{
                Ahead as IsAhead, Applied, Edited, Missing, OutOfOrder as IsOld, Pending,
            };
            assert_eq!(
                standings(client, &folder),
                [Applied, Edited, Applied, Pending]
            );
            // White space and comments between statements are no edit.
            folder.write(
                "2_two.sql",
                "\u{feff}-- two\r\nCREATE TABLE two (id int)  ;\r\n\r\n",
            );
            assert_eq!(
                standings(client, &folder),
                [Applied, Applied, Applied, Pending]
            );
            folder.remove("2_two.sql");
            assert_eq!(
                refusal(client.migrate(&folder.set(), &Job::up())),
                "migration 2_two is applied but its file is missing; restore the file"
            );
            assert_eq!(
                standings(client, &folder),
                [Applied, Missing, Applied, Pending]
            );
            assert!(database.try_sql("SELECT 1 FROM four").is_err(), "{kind:?}");
            folder.write("2_two.sql", TABLE[1]);
            client.migrate(&folder.set(), &Job::up()).unwrap();

            let other = three(server.engine()).with("4_four.sql", "CREATE TABLE four (id int);");
            other.write("0_late.sql", "CREATE TABLE late (id int);");
            assert_eq!(
                refusal(client.migrate(&other.set(), &Job::up())),
                "migration 0_late is pending but older than 4, which is applied; give it a newer \
                 version, or allow out-of-order migrations if it does not depend on what came after"
            );
            assert_eq!(standings(client, &other)[0], IsOld);
            let allowed = Job::up().set(|s| s.policy.out_of_order = OutOfOrder::Allow);
            let outcome = client.migrate(&other.set(), &allowed).unwrap();
            let Outcome::Ran(report) = &outcome else {
                panic!("{outcome:?}")
            };
            assert_eq!(outcome.versions(), ["0"]);
            assert_eq!(report.out_of_order.len(), 1);

            // The database of a rolling deploy is ahead of the older program.
            let older = three(server.engine()).with("0_late.sql", "CREATE TABLE late (id int);");
            let Outcome::Ran(report) = client.migrate(&older.set(), &Job::up()).unwrap() else {
                panic!()
            };
            assert_eq!(report.ahead, [Version::parse("4").unwrap()]);
            assert_eq!(standings(client, &older).last(), Some(&IsAhead));
            let strict = Job::up().set(|s| s.policy.ahead = Ahead::Refuse);
            assert_eq!(
                refusal(client.migrate(&older.set(), &strict)),
                "the database has version 4, which is newer than all that is known here; use the \
                 program or the directory that has it"
            );
            assert_eq!(
                database.sql("SELECT count(*) FROM _migrate_history"),
                "5",
                "{kind:?}"
            );
        }
    }
}

#[test]
fn targets_and_redo() {
    for server in server::all() {
        for kind in Kind::of(server.engine()) {
            let database = server.database("targets");
            let folder = Folder::new(server.engine());
            for (number, table) in ["a", "b", "c", "d"].iter().enumerate() {
                folder.write(
                    &format!("{number}_{table}.up.sql"),
                    &format!("CREATE TABLE {table} (id int);"),
                );
                folder.write(
                    &format!("{number}_{table}.down.sql"),
                    &format!("DROP TABLE {table};"),
                );
            }
            let set = folder.set();
            let mut client = kind.connect(&database);
            let mut run = |command| {
                let outcome = client.migrate(&set, &Job::new(command)).unwrap();
                outcome.versions().join(",")
            };
            let version = |text| Version::parse(text).unwrap();
            assert_eq!(run(Command::Up(UpTarget::Count(1))), "0");
            assert_eq!(run(Command::Up(UpTarget::Version(version("2")))), "1,2");
            assert_eq!(run(Command::Redo(2)), "2,1,1,2");
            assert_eq!(run(Command::Up(UpTarget::Latest)), "3");
            assert_eq!(run(Command::Up(UpTarget::Latest)), "");
            assert_eq!(run(Command::Down(DownTarget::Count(1))), "3");
            assert_eq!(run(Command::Down(DownTarget::Version(version("1")))), "2");
            assert_eq!(run(Command::Down(DownTarget::All)), "1,0");
            assert_eq!(run(Command::Down(DownTarget::All)), "");
            assert_eq!(
                database.schema_dump(&["_migrate_"]),
                server
                    .database("empty")
                    .schema_dump(&[])
                    .replace("empty", "targets"),
                "{kind:?}"
            );
        }
    }
}

/// A tool, how it makes its table, and the row of one migration.
const TOOLS: [(&str, &str, &str); 15] = [
    (
        "diesel",
        "\"__diesel_schema_migrations\" (version VARCHAR(50) PRIMARY KEY, run_on TIMESTAMP NOT NULL DEFAULT CURRENT_TIMESTAMP)",
        "(version) VALUES ('00000000000007')",
    ),
    (
        "sqlx",
        "\"_sqlx_migrations\" (version BIGINT PRIMARY KEY, description TEXT, success BOOLEAN)",
        "(version) VALUES (7)",
    ),
    (
        "refinery",
        "\"refinery_schema_history\" (version INT PRIMARY KEY, name VARCHAR(255), applied_on VARCHAR(255), checksum VARCHAR(255))",
        "(version) VALUES (7)",
    ),
    (
        "SeaORM",
        "\"seaql_migrations\" (version VARCHAR(100) PRIMARY KEY, applied_at BIGINT)",
        "VALUES ('m20220101_000001_create', 1)",
    ),
    (
        "Flyway",
        "\"flyway_schema_history\" (installed_rank INT PRIMARY KEY, version VARCHAR(50), success BOOLEAN)",
        "(installed_rank, version) VALUES (1, '1.1')",
    ),
    (
        "Liquibase",
        "\"databasechangelog\" (id VARCHAR(255), author VARCHAR(255), filename VARCHAR(255))",
        "VALUES ('1', 'me', 'log.xml')",
    ),
    (
        "Liquibase",
        "\"DATABASECHANGELOG\" (\"ID\" VARCHAR(255), \"AUTHOR\" VARCHAR(255))",
        "VALUES ('1', 'me')",
    ),
    (
        "Atlas",
        "\"atlas_schema_revisions\" (version VARCHAR(255) PRIMARY KEY, description VARCHAR(255))",
        "VALUES ('20220101', 'a')",
    ),
    (
        "Alembic",
        "\"alembic_version\" (version_num VARCHAR(32) PRIMARY KEY)",
        "VALUES ('ae1027a6acf')",
    ),
    (
        "Django",
        "\"django_migrations\" (id INT PRIMARY KEY, app VARCHAR(255), name VARCHAR(255))",
        "VALUES (1, 'books', '0001_initial')",
    ),
    (
        "Entity Framework",
        "\"__EFMigrationsHistory\" (\"MigrationId\" VARCHAR(150) PRIMARY KEY, \"ProductVersion\" VARCHAR(32))",
        "VALUES ('20220101_Init', '8.0')",
    ),
    (
        "Sequelize",
        "\"SequelizeMeta\" (name VARCHAR(255) PRIMARY KEY)",
        "VALUES ('20220101-init.js')",
    ),
    (
        "goose",
        "\"goose_db_version\" (id INT PRIMARY KEY, version_id BIGINT, is_applied BOOLEAN)",
        "(id, version_id) VALUES (1, 0), (2, 7)",
    ),
    (
        "golang-migrate",
        "\"schema_migrations\" (version BIGINT PRIMARY KEY, dirty BOOLEAN)",
        "(version) VALUES (7)",
    ),
    (
        "dbmate, Rails or Ecto",
        "\"schema_migrations\" (version VARCHAR(128) PRIMARY KEY)",
        "VALUES ('20220101')",
    ),
];

#[test]
fn nothing_is_applied_over_another_tools_history() {
    for server in server::all() {
        let kind = Kind::first(server.engine());
        let database = server.database("foreign");
        let set = three(server.engine()).set();
        let mut client = kind.connect(&database);
        for (tool, table, row) in TOOLS {
            let name = table.split(' ').next().unwrap();
            let quote = |sql: &str| match server.engine() {
                Engine::Mariadb => sql.replace('"', "`"),
                _ => sql.to_owned(),
            };
            database.sql(&quote(&format!("CREATE TABLE {table}")));
            // As long as it records nothing, it is in nobody's way.
            let status = client.migrate(&set, &Job::status()).unwrap().status();
            assert!(
                status.foreign.is_none(),
                "{kind:?}: {tool}: {:?}",
                status.foreign
            );
            database.sql(&quote(&format!("INSERT INTO {name} {row}")));
            let error = client.migrate(&set, &Job::up()).unwrap_err();
            let ErrorKind::Foreign(foreign) = error.kind() else {
                panic!("{kind:?}: {tool}: {error:?}");
            };
            assert_eq!(foreign.tool, tool, "{kind:?}");
            assert_eq!(foreign.versions.len(), 1, "{kind:?}: {foreign:?}");
            let text = error.to_string();
            assert!(
                text.contains("adopt") || text.contains("baseline"),
                "{text}"
            );
            assert!(
                database.try_sql("SELECT 1 FROM one").is_err(),
                "{kind:?}: {tool}"
            );
            assert!(
                database.try_sql("SELECT 1 FROM _migrate_history").is_err(),
                "{kind:?}: {tool}"
            );
            let status = client.migrate(&set, &Job::status()).unwrap().status();
            assert_eq!(status.foreign.unwrap().tool, tool, "{kind:?}");
            database.sql(&quote(&format!("DROP TABLE {name}")));
        }
        client.migrate(&set, &Job::up()).unwrap();
    }
}

/// Quotes of every sort, a backslash, Unicode, what would end a comment or a statement.
const HOSTILE: &str = "it's \"a\" `b` \\' ü --; DROP";

#[test]
fn hostile_names_of_schemas_tables_migrations_and_databases() {
    for server in server::all() {
        for kind in Kind::of(server.engine()) {
            // Diesel's own MySQL connection does not decode the database's name in a URL.
            let database = server.database(match kind.name() {
                "mysql-native" | "mysql-pooled" => "plain",
                _ => "it's \"a\" `b` ü; -- \\",
            });
            let schema = match server.engine() {
                Engine::Postgres => {
                    database.sql(&format!(
                        "CREATE SCHEMA {}",
                        server.engine().quote_name(HOSTILE)
                    ));
                    Some(HOSTILE.to_owned())
                }
                _ => None,
            };
            let folder = Folder::new(server.engine())
                .with(&format!("1_{HOSTILE}🦀/up.sql"), "CREATE TABLE a (id int);")
                .with(&format!("1_{HOSTILE}🦀/down.sql"), "DROP TABLE a;")
                .with("2_b/up.sql", "-- migrate:no-transaction\nCREATE TABLE b (id int);\nINSERT INTO b VALUES (1);")
                .with("2_b/down.sql", "DROP TABLE b;");
            let set = folder.set();
            let mut client = kind.connect(&database);
            let change = |job: Job| {
                job.set(|s| {
                    s.history_schema = schema.clone().map(Into::into);
                    s.history_table = HOSTILE.into();
                })
            };
            let outcome = client.migrate(&set, &change(Job::up()));
            let outcome = outcome.unwrap_or_else(|e| panic!("{kind:?}: {e:?}"));
            assert_eq!(outcome.versions(), ["1", "2"]);
            let status = client
                .migrate(&set, &change(Job::status()))
                .unwrap()
                .status();
            assert!(status.is_up_to_date(), "{kind:?}");
            assert_eq!(
                status.rows[0].applied.as_ref().unwrap().name,
                format!("{HOSTILE}🦀")
            );
            // It is where it was asked for, and nowhere else.
            assert!(database.try_sql("SELECT 1 FROM _migrate_history").is_err());
            let outcome = client.migrate(&set, &change(Job::down())).unwrap();
            assert_eq!(outcome.versions(), ["2", "1"], "{kind:?}");
        }
    }
}

/// Found by its schema, not by the search path or the current database.
#[test]
fn a_history_table_in_another_schema() {
    for server in [server::postgres(), server::mariadb()]
        .into_iter()
        .flatten()
    {
        for kind in Kind::of(server.engine()) {
            let (database, other) = (server.database("own"), server.database("other"));
            let schema = match server.engine() {
                Engine::Postgres => {
                    database.sql("CREATE SCHEMA history; CREATE SCHEMA first");
                    "history".to_owned()
                }
                _ => other.name().to_owned(),
            };
            let set = three(server.engine()).set();
            let job = |job: Job| job.set(|s| s.history_schema = Some(schema.clone().into()));
            let mut client = kind.connect(&database);
            client.migrate(&set, &job(Job::up())).unwrap();
            if server.engine() == Engine::Postgres {
                client.batch("SET search_path = first");
            }
            let status = client.migrate(&set, &job(Job::status())).unwrap().status();
            assert!(status.is_up_to_date(), "{kind:?}");
            assert_eq!(
                client.migrate(&set, &job(Job::up())).unwrap().versions(),
                [""; 0]
            );
            assert!(
                database.try_sql("SELECT 1 FROM _migrate_history").is_err(),
                "{kind:?}"
            );
        }
    }
}
