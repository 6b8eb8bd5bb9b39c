//! Who may do what: a user who only reads, a server that takes no writes.

use migrate_runtime::ErrorKind;
use migrate_tests::contract::{Folder, Job, Kind};
use migrate_tests::server::{self, Engine, PrivateServer};

fn folder(engine: Engine) -> Folder {
    Folder::new(engine)
        .with("1_one.sql", "CREATE TABLE one (id int);")
        .with("2_two.sql", "CREATE TABLE two (id int);")
}

#[test]
fn a_user_who_only_reads_asks_for_the_status() {
    for server in [server::postgres(), server::mariadb()]
        .into_iter()
        .flatten()
    {
        let database = server.database("read_only");
        let user = format!("r{}", &database.name()[database.name().len() - 20..]);
        database.sql(&match server.engine() {
            Engine::Postgres => format!(
                "CREATE ROLE \"{user}\" LOGIN PASSWORD 'p'; REVOKE ALL ON SCHEMA public FROM public; \
                 GRANT USAGE ON SCHEMA public TO \"{user}\"; \
                 ALTER DEFAULT PRIVILEGES GRANT SELECT ON TABLES TO \"{user}\""
            ),
            _ => format!(
                "CREATE USER `{user}` IDENTIFIED BY 'p'; GRANT SELECT ON `{}`.* TO `{user}`",
                database.name()
            ),
        });
        for kind in Kind::of(server.engine()) {
            let set = folder(server.engine()).set();
            let reader = database.as_user(&user, "p");
            let mut reader = kind.connect(&reader);
            // Before there is a history, and with one.
            let table = format!("history of {}", kind.name());
            let job = |job: Job| job.set(|s| s.history_table = table.clone().into());
            let status = reader.migrate(&set, &job(Job::status())).unwrap().status();
            assert_eq!(
                (status.history_exists, status.pending().count()),
                (false, 2),
                "{kind:?}"
            );
            assert!(reader.migrate(&set, &job(Job::up())).is_err(), "{kind:?}");
            kind.connect(&database)
                .migrate(&set, &job(Job::up()))
                .unwrap();
            let status = reader.migrate(&set, &job(Job::status())).unwrap().status();
            assert!(status.is_up_to_date() && status.history_exists, "{kind:?}");
            // Nothing to do needs no right either.
            assert_eq!(
                reader.migrate(&set, &job(Job::up())).unwrap().versions(),
                [""; 0]
            );
            database.sql("DROP TABLE one; DROP TABLE two");
        }
        database.sql(&match server.engine() {
            Engine::Postgres => format!("DROP OWNED BY \"{user}\"; DROP ROLE \"{user}\""),
            _ => format!("DROP USER `{user}`"),
        });
    }
}

#[test]
fn a_read_only_server_is_refused() {
    let refused = |kind: Kind, database: &server::Database| {
        let mut client = kind.connect(database);
        if database.engine() == Engine::Sqlite {
            client.batch("PRAGMA query_only = on");
        }
        let set = folder(database.engine()).set();
        let error = client.migrate(&set, &Job::up()).unwrap_err();
        assert!(
            matches!(error.kind(), ErrorKind::ReadOnly(_)),
            "{kind:?}: {error:?}"
        );
        client.migrate(&set, &Job::status()).unwrap();
    };
    if let Some(server) = server::postgres() {
        let database = server.database("read_only");
        let name = server.engine().quote_name(database.name());
        database.sql(&format!(
            "ALTER DATABASE {name} SET default_transaction_read_only = on"
        ));
        Kind::of(Engine::Postgres)
            .into_iter()
            .for_each(|kind| refused(kind, &database));
    }
    if let Some(server) = PrivateServer::start(Engine::Mariadb) {
        let database = server.server().database("read_only");
        database.sql("SET GLOBAL read_only = 1");
        Kind::of(Engine::Mariadb)
            .into_iter()
            .for_each(|kind| refused(kind, &database));
    }
    if let Some(server) = server::sqlite() {
        let database = server.database("read_only");
        refused(Kind::Sqlite, &database);
    }
}
