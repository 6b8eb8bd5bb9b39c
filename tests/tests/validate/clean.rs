//! Nothing is found where nothing is wrong.

use migrate_tests::{server, shop};

use super::Project;

#[test]
fn a_shop_with_everything() {
    for server in server::all() {
        let database = server.database("validate");
        let project = Project::new(&database);
        let dir = shop::migrations(server.engine());
        let dialect = match server.engine() {
            server::Engine::Postgres => "postgres",
            server::Engine::Mariadb => "mysql",
            server::Engine::Sqlite => "sqlite",
        };
        let config = format!("dialect = \"{dialect}\"\ndir = '{}'\n", dir.display());
        project.write("migrate.toml", &config);
        let (code, answer) = project.run(&["up", "--to", shop::FIRST]);
        assert_eq!(code, Some(0), "{answer:#}");
        shop::fill(&database, 2);
        project.record();
        assert_eq!(
            project.found(&[]),
            Vec::<String>::new(),
            "{}",
            server.engine()
        );
        let (code, answer) = project.run(&["up"]);
        assert_eq!(code, Some(0), "{answer:#}");
        let mut found = project.found(&[]);
        found.retain(|it| !it.starts_with("warning row_count"));
        assert_eq!(found, Vec::<String>::new(), "{}", server.engine());
    }
}
