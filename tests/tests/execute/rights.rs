//! Rights that pending migrations need and the user does not have.

use migrate_tests::server::{self, Engine};

use crate::case::Case;

#[test]
fn what_is_missing_is_named_and_nothing_else() {
    for server in server::remote() {
        let mut case = Case::new(&server, "rights")
            .with(
                "1_own.up.sql",
                "CREATE TABLE own (id int PRIMARY KEY);\nALTER TABLE own ADD COLUMN a int;\n\
                 INSERT INTO own VALUES (1, 2);",
            )
            .with(
                "2_foreign.up.sql",
                "ALTER TABLE orders ADD COLUMN note varchar(20);\nUPDATE orders SET id = 2;\n\
                 INSERT INTO orders (id) VALUES (1);",
            );
        let user = format!("r{}", std::process::id());
        case.database
            .sql("CREATE TABLE orders (id int PRIMARY KEY)");
        let name = server.engine().quote_name(case.database.name());
        let (make, expected, remove) = match server.engine() {
            Engine::Postgres => (
                format!("CREATE ROLE {user} LOGIN PASSWORD 'r'; GRANT INSERT ON orders TO {user}"),
                [
                    ("1", "CREATE on schema public".to_owned()),
                    ("2", "ownership of table orders".to_owned()),
                    ("2", "UPDATE on table orders".to_owned()),
                ],
                format!("DROP OWNED BY {user}; DROP ROLE {user}"),
            ),
            _ => (
                format!(
                    "CREATE USER {user} IDENTIFIED BY 'r'; GRANT SELECT, INSERT ON {name}.* TO {user}"
                ),
                [
                    ("1", format!("CREATE on database {}", case.database.name())),
                    ("2", "ALTER on table orders".to_owned()),
                    ("2", "UPDATE on table orders".to_owned()),
                ],
                format!("DROP USER {user}"),
            ),
        };
        assert!(
            case.missing_rights().is_empty(),
            "{:?}",
            case.missing_rights()
        );
        case.database.sql(&make);
        let all = case.url.clone();
        case.url = case.database.as_user(&user, "r").url().to_owned();
        let found: Vec<(String, String)> = case
            .missing_rights()
            .into_iter()
            .map(|missing| (missing.version, missing.right))
            .collect();
        let expected = expected.map(|(version, right)| (version.to_owned(), right));
        assert_eq!(found, expected, "{:?}", server.engine());
        case.url = all;
        case.database.sql(&remove);
    }
}
