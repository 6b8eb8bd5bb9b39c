//! `migrate backup` and `migrate restore`.

use std::fs;
use std::process::Command;

use migrate_tests::server::{self, Database, Engine};
use serde_json::Value;

use super::place::Place;
use super::round_trip::gone;
use super::shop;

struct Ran {
    code: Option<i32>,
    stdout: String,
    stderr: String,
}

fn run(place: &Place, database: &Database, line: &str) -> Ran {
    let output = Command::new(env!("CARGO_BIN_EXE_migrate-command"))
        .args(line.split(' '))
        .current_dir(place.path(""))
        .env("DATABASE_URL", database.url())
        .output()
        .unwrap();
    Ran {
        code: output.status.code(),
        stdout: String::from_utf8(output.stdout).unwrap(),
        stderr: String::from_utf8(output.stderr).unwrap(),
    }
}

#[test]
fn backed_up_and_restored_beside() {
    for server in server::all() {
        let database = server.database("shop");
        shop::fill(&database);
        let place = Place::new(server.engine());
        let dialect = match server.engine() {
            Engine::Postgres => "postgres",
            Engine::Mariadb => "mysql",
            Engine::Sqlite => "sqlite",
        };
        fs::write(
            place.path("migrate.toml"),
            format!("dialect = '{dialect}'\n"),
        )
        .unwrap();
        fs::create_dir(place.path("migrations")).unwrap();
        let ran = run(&place, &database, "backup --dry-run");
        assert_eq!(ran.code, Some(0), "{}", ran.stderr);
        assert!(
            ran.stderr.contains("a backup can be made"),
            "{}",
            ran.stderr
        );
        let ran = run(&place, &database, "backup --format json --keep 2");
        assert_eq!(ran.code, Some(0), "{}{}", ran.stdout, ran.stderr);
        let answer: Value = serde_json::from_str(&ran.stdout).unwrap();
        assert_eq!(answer["command"], "backup");
        assert_eq!(answer["backup"]["verification"]["state"], "passed");
        let id = answer["backup"]["id"].as_str().unwrap().to_owned();
        assert!(place.path(".migrate/backups").join(&id).is_dir());
        let ran = run(&place, &database, "backup --list");
        assert!(
            ran.stdout.contains(&id) && ran.stdout.contains("verified"),
            "{}",
            ran.stdout
        );
        let ran = run(&place, &database, "restore");
        assert_eq!(ran.code, Some(2), "{}", ran.stderr);
        assert!(ran.stderr.contains("is not empty"), "{}", ran.stderr);
        let name = format!("beside_{}", std::process::id());
        let ran = run(&place, &database, &format!("restore {id} --as {name}"));
        assert_eq!(ran.code, Some(0), "{}", ran.stderr);
        let url = match server.engine() {
            Engine::Sqlite => {
                let folder = std::path::Path::new(database.name()).parent().unwrap();
                format!("sqlite://{}", folder.join(&name).display())
            }
            _ => server.url_of(&name),
        };
        let copy = Database::at(&url);
        assert_eq!(shop::contents(&copy), shop::contents(&database));
        gone(&server, &url);
    }
}
