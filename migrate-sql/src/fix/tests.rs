//! What becomes of migrations that keep others away.

use migrate_core::config::Levels;
use migrate_core::{CheckContext, Dialect, Direction, ScriptFile, SourceMigration, Version};

use super::{Plan, plan};

const GIVEN: &str = "
    CREATE TABLE teams (id bigint PRIMARY KEY);
    CREATE TABLE users (id bigint PRIMARY KEY, team_id bigint, name varchar(20), age int, mail text NOT NULL);
    CREATE INDEX users_mail ON users (mail);
    ";

fn migration(version: &'static str, name: &str, up: &str, down: Option<&str>) -> SourceMigration {
    let script = |direction: Direction, text: &str| {
        let path = format!("{version}_{name}/{direction}.sql");
        ScriptFile::of_text(direction, &path, text, Dialect::Postgres)
    };
    SourceMigration {
        version: Version::from_static(version),
        name: name.to_owned(),
        up: script(Direction::Up, up),
        down: down.map(|text| script(Direction::Down, text)),
        irreversible: false,
        vouched: false,
    }
}

fn planned(up: &str, down: Option<&str>) -> Plan {
    let migrations = [
        migration("1", "given", GIVEN, None),
        migration("2", "when", up, down),
    ];
    let context = CheckContext {
        dialect: Dialect::Postgres,
        server: None,
        functions: &[],
    };
    plan(&migrations, context, &Levels::default(), |_| true)
}

/// What there is to write, as one text.
fn written(up: &str, down: Option<&str>) -> String {
    let plan = planned(up, down);
    let mut text = String::new();
    for rewriting in &plan.rewritings {
        assert_eq!(rewriting.migration, 1);
        for (name, file) in [("up", &rewriting.up), ("down", &rewriting.down)] {
            if let Some(file) = file {
                text.push_str(&format!("# {name}\n{file}"));
            }
        }
        for new in &rewriting.new {
            text.push_str(&format!("# {} up\n{}", new.name, new.up));
            if let Some(down) = &new.down {
                text.push_str(&format!("# {} down\n{down}", new.name));
            }
        }
        for left in &rewriting.left {
            text.push_str(&format!("# left: {left}\n"));
        }
    }
    for refused in &plan.refused {
        text.push_str(&format!(
            "# {}: {}\n",
            refused.finding.rule.code, refused.why
        ));
    }
    text
}

#[test]
fn an_index_alone_is_built_outside_a_transaction() {
    assert_eq!(
        written(
            "-- For the search.\nCREATE INDEX ON users (name);\n",
            Some("DROP INDEX users_name_idx;\n"),
        ),
        "# up\n-- migrate:no-transaction\n-- For the search.\nCREATE INDEX CONCURRENTLY users_name_idx ON users (name);\n",
    );
}

#[test]
fn an_index_among_others_moves() {
    assert_eq!(
        written(
            "-- Two things.\nALTER TABLE users ADD COLUMN rank int; -- kept\n  CREATE UNIQUE INDEX users_rank ON users (rank);\nCOMMENT ON TABLE users IS 'a';",
            Some("DROP INDEX users_rank;\nALTER TABLE users DROP COLUMN rank;\n"),
        ),
        "# up\n-- Two things.\nALTER TABLE users ADD COLUMN rank int; -- kept\nCOMMENT ON TABLE users IS 'a';\
         # down\nALTER TABLE users DROP COLUMN rank;\n\
         # when_concurrently up\n-- migrate:no-transaction\nCREATE UNIQUE INDEX CONCURRENTLY users_rank ON users (rank);\n\
         # when_concurrently down\n-- migrate:no-transaction\nDROP INDEX CONCURRENTLY users_rank;\n",
    );
}

#[test]
fn constraints_are_validated_later() {
    assert_eq!(
        written(
            "ALTER TABLE users ADD FOREIGN KEY (team_id) REFERENCES teams ON DELETE CASCADE,\n  ADD CONSTRAINT old CHECK (age > 17);\n",
            Some("ALTER TABLE users DROP CONSTRAINT old, DROP CONSTRAINT users_team_id_fkey;\n"),
        ),
        "# up\nALTER TABLE users ADD CONSTRAINT users_team_id_fkey FOREIGN KEY (team_id) REFERENCES teams ON DELETE CASCADE NOT VALID,\n  ADD CONSTRAINT old CHECK (age > 17) NOT VALID;\n\
         # when_validate up\nALTER TABLE users VALIDATE CONSTRAINT old;\nALTER TABLE users VALIDATE CONSTRAINT users_team_id_fkey;\n\
         # when_validate down\nALTER TABLE users DROP CONSTRAINT users_team_id_fkey, ADD CONSTRAINT users_team_id_fkey FOREIGN KEY (team_id) REFERENCES teams ON DELETE CASCADE NOT VALID;\n\
         ALTER TABLE users DROP CONSTRAINT old, ADD CONSTRAINT old CHECK (age > 17) NOT VALID;\n",
    );
}

#[test]
fn two_clauses_of_one_kind() {
    let text = written(
        "ALTER TABLE users ADD CONSTRAINT one CHECK (age > 1), ADD CONSTRAINT two CHECK (age > 2);\n",
        Some("ALTER TABLE users DROP CONSTRAINT one, DROP CONSTRAINT two;\n"),
    );
    assert!(
        text.starts_with(
            "# up\nALTER TABLE users ADD CONSTRAINT one CHECK (age > 1) NOT VALID, ADD CONSTRAINT two CHECK (age > 2) NOT VALID;\n\
             # when_validate up\nALTER TABLE users VALIDATE CONSTRAINT one;\nALTER TABLE users VALIDATE CONSTRAINT two;\n"
        ),
        "{text}"
    );
}

#[test]
fn a_check_beside_a_column_stands_for_itself() {
    assert_eq!(
        written(
            "ALTER TABLE users ADD COLUMN rank int CHECK (rank > 0) DEFAULT 1;\n",
            Some("ALTER TABLE users DROP COLUMN rank;\n"),
        ),
        "# up\nALTER TABLE users ADD COLUMN rank int DEFAULT 1, ADD CONSTRAINT users_rank_check CHECK (rank > 0) NOT VALID;\n\
         # when_validate up\nALTER TABLE users VALIDATE CONSTRAINT users_rank_check;\n\
         # when_validate down\nALTER TABLE users DROP CONSTRAINT users_rank_check, ADD CONSTRAINT users_rank_check CHECK (rank > 0) NOT VALID;\n",
    );
}

#[test]
fn not_null_is_proven_first() {
    assert_eq!(
        written(
            "ALTER TABLE users ALTER COLUMN name SET NOT NULL;\n",
            Some("ALTER TABLE users ALTER name DROP NOT NULL;\n"),
        ),
        "# up\nALTER TABLE users ADD CONSTRAINT name_not_null CHECK (name IS NOT NULL) NOT VALID;\n\
         # down\nALTER TABLE users DROP CONSTRAINT name_not_null;\n\
         # when_validate up\nALTER TABLE users VALIDATE CONSTRAINT name_not_null;\nALTER TABLE users ALTER COLUMN name SET NOT NULL;\nALTER TABLE users DROP CONSTRAINT name_not_null;\n\
         # when_validate down\nALTER TABLE users ALTER COLUMN name DROP NOT NULL, ADD CONSTRAINT name_not_null CHECK (name IS NOT NULL) NOT VALID;\n",
    );
}

#[test]
fn a_key_takes_over_an_index() {
    assert_eq!(
        written(
            "ALTER TABLE users ADD UNIQUE (mail, age), ADD COLUMN rank int;\n",
            Some("ALTER TABLE users DROP CONSTRAINT users_mail_age_key, DROP COLUMN rank;\n"),
        ),
        "# up\nALTER TABLE users ADD COLUMN rank int;\n\
         # down\nALTER TABLE users DROP COLUMN rank;\n\
         # when_concurrently up\n-- migrate:no-transaction\nCREATE UNIQUE INDEX CONCURRENTLY users_mail_age_key ON users (mail, age);\n\
         ALTER TABLE users ADD CONSTRAINT users_mail_age_key UNIQUE USING INDEX users_mail_age_key;\n\
         # when_concurrently down\n-- migrate:no-transaction\nALTER TABLE users DROP CONSTRAINT users_mail_age_key;\n",
    );
}

#[test]
fn a_volatile_default_is_for_new_rows() {
    assert_eq!(
        written(
            "ALTER TABLE users ADD COLUMN key uuid DEFAULT gen_random_uuid();\n",
            None,
        ),
        "# up\nALTER TABLE users ADD COLUMN key uuid, ALTER COLUMN key SET DEFAULT gen_random_uuid();\n\
         # left: rows that are there keep NULL in `key`: fill them in batches, in a migration of its own\n",
    );
}

#[test]
fn validating_moves_out_of_the_transaction_that_adds() {
    assert_eq!(
        written(
            "ALTER TABLE users ADD CONSTRAINT old CHECK (age > 17) NOT VALID;\nALTER TABLE users VALIDATE CONSTRAINT old;\n",
            Some("ALTER TABLE users DROP CONSTRAINT old;\n"),
        ),
        "# up\nALTER TABLE users ADD CONSTRAINT old CHECK (age > 17) NOT VALID;\n\
         # when_validate up\nALTER TABLE users VALIDATE CONSTRAINT old;\n\
         # when_validate down\nALTER TABLE users DROP CONSTRAINT old, ADD CONSTRAINT old CHECK (age > 17) NOT VALID;\n",
    );
}

#[test]
fn an_index_is_dropped_outside_a_transaction() {
    assert_eq!(
        written(
            "ALTER TABLE users ADD COLUMN rank int;\nDROP INDEX users_mail;\n",
            Some("CREATE INDEX users_mail ON users (mail);\nALTER TABLE users DROP COLUMN rank;\n"),
        ),
        "# up\nALTER TABLE users ADD COLUMN rank int;\n\
         # down\nALTER TABLE users DROP COLUMN rank;\n\
         # when_concurrently up\n-- migrate:no-transaction\nDROP INDEX CONCURRENTLY users_mail;\n\
         # when_concurrently down\n-- migrate:no-transaction\nCREATE INDEX CONCURRENTLY users_mail ON users (mail);\n",
    );
}

#[test]
fn what_is_used_later_does_not_move() {
    for (up, why) in [
        (
            "CREATE UNIQUE INDEX k ON users (mail);\nCREATE TABLE posts (mail text REFERENCES users (mail));\n",
            "# blocking-index: it would be found that",
        ),
        (
            "CREATE UNIQUE INDEX k ON users (mail);\nINSERT INTO users (id, mail) VALUES (1, 'a') ON CONFLICT (mail) DO NOTHING;\n",
            "# blocking-index: a later statement of the script writes rows that the key is to hold",
        ),
        (
            "CREATE INDEX k ON users (mail);\nDO $$ BEGIN EXECUTE 'DROP INDEX k'; END $$;\nSELECT 1;\n",
            "# blocking-index: a later statement of the script cannot be followed: ",
        ),
        (
            "ALTER TABLE users ADD COLUMN key uuid DEFAULT gen_random_uuid();\nINSERT INTO teams SELECT id FROM users WHERE key IS NULL;\n",
            "# rewriting-column: a later statement of the script may need the values of the column",
        ),
    ] {
        let text = written(up, None);
        assert!(text.contains(why), "{up}: {text}");
        assert!(!text.contains("# up"), "{up}: {text}");
    }
}

#[test]
fn what_may_be_there_already_stays() {
    let up = "ALTER TABLE users ADD COLUMN IF NOT EXISTS rank int CHECK (rank > 0);\n";
    assert_eq!(written(up, None), "");
}

#[test]
fn what_is_accepted_stays() {
    let up =
        "-- migrate:allow blocking-index the table is small\nCREATE INDEX i ON users (name);\n";
    assert_eq!(written(up, None), "");
    assert_eq!(written("UPDATE users SET age = 1;\n", None), "");
}

#[test]
fn scripts_that_share_a_file_stay_in_it() {
    let text = "-- migrate:up\nALTER TABLE users ADD COLUMN rank int;\nCREATE INDEX i ON users (rank);\n-- migrate:down\nDROP INDEX i;\n";
    let source = std::sync::Arc::new(migrate_core::SourceFile {
        path: "2_when.sql".to_owned(),
        text: text.to_owned(),
    });
    let mut when = migration("2", "when", "", None);
    when.up = ScriptFile::of_text(Direction::Up, "2_when.sql", text, Dialect::Postgres)
        .with_text(text.to_owned(), Dialect::Postgres)
        .unwrap();
    when.down = ScriptFile::of_text(Direction::Down, "2_when.sql", text, Dialect::Postgres)
        .with_text(text.to_owned(), Dialect::Postgres);
    assert_eq!(when.up.source, source);
    let migrations = [migration("1", "given", GIVEN, None), when];
    let context = CheckContext {
        dialect: Dialect::Postgres,
        server: None,
        functions: &[],
    };
    let plan = plan(&migrations, context, &Levels::default(), |_| true);
    let [rewriting] = plan.rewritings.as_slice() else {
        panic!("{plan:?}");
    };
    assert_eq!(
        rewriting.up.as_deref(),
        Some(
            "-- migrate:up\nALTER TABLE users ADD COLUMN rank int;\n-- migrate:down\n-- migrate:allow empty-script the migration after this one reverts what moved there\n"
        )
    );
    assert_eq!(rewriting.down, None);
    assert_eq!(rewriting.new.len(), 1);
}
