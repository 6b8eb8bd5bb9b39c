//! One user who migrates, one who dumps, one who watches, one who restores; and what each lacks is
//! named before anything is begun.

use std::process::Output;
use std::sync::atomic::{AtomicUsize, Ordering};

use diesel::mysql::Mysql;
use diesel::pg::Pg;
use migrate_ops::connect::{DatabaseUrl, runtime};
use migrate_ops::execute::rights_missing_on_scratch;
use migrate_tests::server::{self, Database, Server, TestDatabase};
use serde_json::Value;

use crate::project::Project;

const WHERE: &str = "dialect = \"postgres\"\n[run]\nmonitor = \"WATCH_URL\"\n\
    [backup]\ndatabase = \"DUMP_URL\"\nscratch = \"SCRATCH_URL\"\n";

/// How many times users were made.
static NUMBER: AtomicUsize = AtomicUsize::new(0);

/// A table of the migrator's, one that only others may read, and a migration that is pending.
struct Users {
    project: Project,
    database: TestDatabase,
    migrator: String,
    dumper: String,
    watcher: String,
    restorer: String,
}

impl Users {
    fn make(server: &Server) -> Self {
        let database = server.database("users");
        // Roles are the server's: each test has its own.
        let number = NUMBER.fetch_add(1, Ordering::Relaxed);
        let name = |what: &str| format!("{what}_{}_{number}", std::process::id());
        let users = Users {
            project: Project::empty(server.engine(), database.url()),
            migrator: name("migrator"),
            dumper: name("dumper"),
            watcher: name("watcher"),
            restorer: name("restorer"),
            database,
        };
        users.project.write("migrate.toml", WHERE);
        let migration = "migrations/1_orders";
        users.project.write(
            &format!("{migration}/up.sql"),
            "CREATE TABLE orders (id int);",
        );
        users
            .project
            .write(&format!("{migration}/down.sql"), "DROP TABLE orders;");
        for role in users.all() {
            users
                .database
                .sql(&format!("CREATE ROLE {role} LOGIN PASSWORD 'p'"));
        }
        users.database.sql(&format!(
            "CREATE TABLE salaries (id int); INSERT INTO salaries VALUES (1); \
             GRANT CREATE ON SCHEMA public TO {0}; GRANT CREATE ON DATABASE {1} TO {0}",
            users.migrator,
            server.engine().quote_name(users.database.name()),
        ));
        users
    }

    fn all(&self) -> [&String; 4] {
        [&self.migrator, &self.dumper, &self.watcher, &self.restorer]
    }

    fn url(&self, user: &str) -> String {
        self.database.as_user(user, "p").url().to_owned()
    }

    fn run(&self) -> Output {
        let mut command = self.project.command(&["run", "--format", "json"]);
        command
            .env("DATABASE_URL", self.url(&self.migrator))
            .env("DUMP_URL", self.url(&self.dumper))
            .env("WATCH_URL", self.url(&self.watcher))
            .env("SCRATCH_URL", self.url(&self.restorer));
        command.output().expect("the command runs")
    }
}

impl Drop for Users {
    fn drop(&mut self) {
        for role in self.all() {
            let _ = self
                .database
                .try_sql(&format!("DROP OWNED BY {role}; DROP ROLE {role}"));
        }
    }
}

/// All that a command said: what failed is in its JSON, warnings are talk.
fn said(output: &Output) -> String {
    [&output.stdout, &output.stderr]
        .map(|said| String::from_utf8_lossy(said).into_owned())
        .concat()
}

#[test]
fn each_does_its_own_part_and_what_it_lacks_is_named_before() {
    let Some(server) = server::postgres() else {
        return;
    };
    let users = Users::make(&server);
    let refused = users.run();
    let said = said(&refused);
    assert_eq!(refused.status.code(), Some(2), "{said}");
    assert!(
        said.contains("salaries") && said.contains("(to back up)"),
        "{said}"
    );
    assert!(said.contains("CREATEDB"), "{said}");
    assert!(
        said.contains("the user that watches the run lacks pg_read_all_stats"),
        "{said}"
    );
    assert!(!said.contains(":p@"), "{said}");

    users.database.sql(&format!(
        "GRANT pg_read_all_data TO {}; GRANT pg_monitor TO {}; ALTER ROLE {} SUPERUSER",
        users.dumper, users.watcher, users.restorer
    ));
    let done = users.run();
    let said = String::from_utf8_lossy(&done.stderr).into_owned();
    assert_eq!(done.status.code(), Some(0), "{said}");
    assert!(!said.contains("lacks"), "{said}");
    let json: Value = serde_json::from_slice(&done.stdout).expect("JSON");
    assert_eq!(json["outcome"], "succeeded");
    assert_eq!(
        json["backup"]["verification"]["state"], "passed",
        "{json:#}"
    );
    // It is a backup of the database, whoever made it: a rehearsal finds it by that.
    let database = json["backup"]["database"].as_str().expect("a database");
    assert!(database.contains(&users.migrator), "{database}");
    let owner = "SELECT tableowner FROM pg_tables WHERE tablename = 'orders'";
    assert_eq!(users.database.sql(owner), users.migrator);
}

#[test]
fn one_that_dumps_another_database_is_refused() {
    let Some(server) = server::postgres() else {
        return;
    };
    let users = Users::make(&server);
    let other = server.database("other");
    let output = users
        .project
        .command(&["backup"])
        .env("DUMP_URL", other.url())
        .env("SCRATCH_URL", other.url())
        .output()
        .expect("the command runs");
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert_eq!(output.status.code(), Some(2), "{said}");
    assert!(
        said.contains("backups would be of something else"),
        "{said}"
    );
}

#[test]
fn what_a_scratch_server_needs() {
    let user = format!("s{}", std::process::id());
    let runtime = runtime().expect("a runtime");
    let asked = |database: &Database| {
        let url = DatabaseUrl::parse(database.url()).expect("a URL");
        match database.engine() {
            server::Engine::Postgres => rights_missing_on_scratch::<Pg>(&url, &runtime),
            _ => rights_missing_on_scratch::<Mysql>(&url, &runtime),
        }
        .expect("an answer")
    };
    for server in server::remote() {
        let database = server.database("scratch");
        assert_eq!(asked(&database), Vec::<String>::new());
        let (make, grant, remove) = match server.engine() {
            server::Engine::Postgres => (
                format!("CREATE ROLE {user} LOGIN PASSWORD 'p'"),
                format!("ALTER ROLE {user} CREATEDB"),
                format!("DROP ROLE {user}"),
            ),
            _ => (
                format!(
                    "CREATE USER {user} IDENTIFIED BY 'p'; GRANT ALL ON {}.* TO {user}",
                    server.engine().quote_name(database.name())
                ),
                format!("GRANT ALL ON `migrate\\_verify\\_%`.* TO {user}"),
                format!("DROP USER {user}"),
            ),
        };
        database.sql(&make);
        let restorer = database.as_user(&user, "p");
        assert!(!asked(&restorer).is_empty(), "{}", server.engine());
        database.sql(&grant);
        assert_eq!(
            asked(&restorer),
            Vec::<String>::new(),
            "{}",
            server.engine()
        );
        database.sql(&remove);
    }
}
