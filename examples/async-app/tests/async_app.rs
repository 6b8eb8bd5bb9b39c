use std::process::Command;

use migrate_tests::server;

#[test]
fn jobs_are_added_and_done() {
    let Some(server) = server::postgres() else {
        return;
    };
    let database = server.database("async app");
    let app = |arguments: &[&str]| {
        let output = Command::new(env!("CARGO_BIN_EXE_async-app"))
            .args(arguments)
            .env("DATABASE_URL", database.url())
            .output()
            .unwrap();
        assert!(output.status.success(), "{output:?}");
        String::from_utf8(output.stdout).unwrap()
    };
    assert_eq!(
        app(&["add", "sweep the floor"]),
        "applied 0001 create_jobs\napplied 0002 index_open_jobs\n1\n"
    );
    assert_eq!(app(&["add", "water the plants"]), "2\n");
    assert_eq!(app(&["done", "1"]), "");
    assert_eq!(app(&["list"]), "2 water the plants\n");
}
